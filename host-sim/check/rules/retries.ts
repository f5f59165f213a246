/** A server dies: without retries its sessions are errors until someone notices. */
import { clustersOf, type Route } from "../site.js";
import type { Spot } from "../spot.js";
import type { Rule } from "./rule.js";

/** What a server's death looks like before it has answered anything, in Envoy's words. */
const DEATHS = ["connect-failure", "5xx", "gateway-error"];

/** Envoy's default: so many retries at once, and 503 for the next one. */
const DEFAULT_MAX_RETRIES = 3;

export const RETRIES: Rule[] = [
  {
    id: "no-retry-policy",
    severity: "warning",
    means:
      "a route without `retry_policy`, or one that does not retry a `connect-failure`: a dead server's sessions get errors",
    look: ({ routes }) =>
      routes.flatMap((route) => {
        const policy = retryPolicy(route);
        const conditions =
          policy
            ?.text("retry_on")
            ?.split(",")
            .map((word) => word.trim()) ?? [];
        if (conditions.some((word) => DEATHS.includes(word))) return [];
        const at = policy ?? route.action;
        return [{ at, message: "expected a retry_policy with connect-failure: a dead server's sessions get errors" }];
      }),
  },
  {
    id: "retry-same-host",
    severity: "warning",
    means: "retries without `previous_hosts`: the load balancer may choose the dead server again",
    look: ({ routes, handoff }) =>
      routes.flatMap((route) => {
        const policy = retryPolicy(route);
        if (!policy || handoff.kind === "override_host") return [];
        const predicates = policy.list("retry_host_predicate");
        if (predicates.some((predicate) => predicate.text("name")?.endsWith("previous_hosts"))) return [];
        return [
          { at: policy, message: "expected the retry_host_predicate previous_hosts: a retry may meet the same host" },
        ];
      }),
  },
  {
    id: "too-few-retries",
    severity: "warning",
    means: "the cluster allows few retries at once (3 by default): when a server dies, most of its sessions get 503",
    look: (site) =>
      clustersOf(site).flatMap((cluster) => {
        if (!site.routes.some((route) => route.clusters.includes(cluster) && retryPolicy(route))) return [];
        if (cluster.get("circuit_breakers", "thresholds") && hasRetryBudget(cluster)) return [];
        const thresholds = cluster.list("circuit_breakers", "thresholds");
        const found = thresholds.find((threshold) => threshold.get("max_retries"));
        const most = found?.number("max_retries") ?? DEFAULT_MAX_RETRIES;
        if (most > DEFAULT_MAX_RETRIES) return [];
        const at = found?.get("max_retries") ?? cluster;
        return [{ at, message: `expected more than ${most} in circuit_breakers.thresholds[].max_retries, say 1024` }];
      }),
  },
];

/** The route's own, or its virtual host's. */
function retryPolicy({ action, levels }: Route): Spot | undefined {
  return action.get("retry_policy") ?? levels[1]?.get("retry_policy");
}

function hasRetryBudget(cluster: Spot): boolean {
  return cluster.list("circuit_breakers", "thresholds").some((threshold) => threshold.get("retry_budget"));
}
