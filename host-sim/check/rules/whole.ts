/** Limpet's place in Envoy as a whole: the VM, the policies' names, the clusters that sessions keep. */
import type { Rule } from "./rule.js";

export const WHOLE: Rule[] = [
  {
    id: "no-reload",
    severity: "warning",
    means: "`failure_policy` is not FAIL_RELOAD: should the VM ever fail, it stays so until Envoy is started anew",
    look: ({ plugin }) =>
      plugin.text("failure_policy") === "FAIL_RELOAD"
        ? []
        : [{ at: plugin.get("failure_policy") ?? plugin, message: "expected failure_policy: FAIL_RELOAD" }],
  },
  {
    id: "policy-of-no-cluster",
    severity: "warning",
    means: "policies by cluster, and one whose name no routed cluster has: no request gets it",
    look: ({ configuration, policies, routes }) => {
      const names = routes.flatMap(({ clusterNames }) => clusterNames);
      if (configuration.texts("policy_from").join(".") !== "xds.cluster_name" || !routes.every(namesClusters))
        return [];
      return policies
        .filter(({ name }) => !names.includes(name))
        .map(({ name, at }) => ({
          at,
          message: `no route leads to a cluster called ${name}: no request gets this policy`,
        }));
    },
  },
  {
    id: "cluster-not-routed",
    severity: "error",
    means: "a `cluster` rule names a cluster to which no route with its `route_header` leads",
    look: ({ policies, routes }) =>
      policies.flatMap(({ rules }) =>
        rules.flatMap((rule) => {
          const header = rule.text("cluster", "route_header")?.toLowerCase();
          if (header === undefined) return [];
          const matching = routes.filter(({ levels }) =>
            levels[0]?.list("match", "headers").some((test) => test.text("name")?.toLowerCase() === header),
          );
          const reached = matching.flatMap(({ clusterNames }) => clusterNames);
          if (!matching.every(namesClusters)) return [];
          return rule
            .list("cluster", "clusters")
            .filter((cluster) => !reached.includes(String(cluster.node.value)))
            .map((at) => ({ at, message: `no route that matches the header ${header} leads to this cluster` }));
        }),
      ),
  },
];

const namesClusters = ({ clusterNames }: { clusterNames: string[] }) => clusterNames.length > 0;
