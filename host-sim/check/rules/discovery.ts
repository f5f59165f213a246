/** `servers: {discover}`: the way to the admin interface, and what the endpoints will be called. */
import type { Policy } from "../site.js";
import type { Spot } from "../spot.js";
import type { Rule } from "./rule.js";

export const DISCOVERY: Rule[] = [
  {
    id: "discovery-of-no-cluster",
    severity: "error",
    means: "`discover` names a cluster that is not there: the filter never learns of a server",
    look: ({ policies }, { clusters, hasAllClusters }) =>
      discoveries(policies).flatMap((discover) =>
        ["admin_cluster", "cluster"].flatMap((field) => {
          const name = discover.text(field);
          if (name === undefined || clusters.has(name) || !hasAllClusters) return [];
          return [{ at: discover.get(field)!, message: `no cluster is called ${name}` }];
        }),
      ),
  },
  {
    id: "discovery-not-of-admin",
    severity: "error",
    means: "`admin_cluster` leads elsewhere than to the admin interface, or there is none",
    look: ({ policies }, { clusters, admin, hasAllClusters }) =>
      discoveries(policies).flatMap((discover) => {
        const at = discover.get("admin_cluster");
        const cluster = clusters.get(discover.text("admin_cluster") ?? "");
        if (!at || !cluster) return [];
        if (!admin) {
          return hasAllClusters ? [{ at, message: "expected an admin interface (admin.address): there is none" }] : [];
        }
        const strays = endpoints(cluster).some((endpoint) => {
          const socket = endpoint.get("endpoint", "address", "socket_address");
          return socket !== undefined && socket.number("port_value") !== admin.number("port_value");
        });
        const expected = `expected a cluster that leads to port ${admin.number("port_value")}, the admin interface`;
        return strays ? [{ at, message: expected }] : [];
      }),
  },
  {
    id: "endpoint-without-id",
    severity: "warning",
    means:
      "`discover` calls servers by their hostname, and an endpoint has none: its address stands in, also in cookies",
    look: ({ policies }, { clusters }) =>
      discoveries(policies)
        .filter((discover) => (discover.text("id") ?? "hostname") === "hostname")
        .flatMap((discover) => endpoints(clusters.get(discover.text("cluster") ?? "")))
        .filter((endpoint) => endpoint.get("endpoint") && !endpoint.text("endpoint", "hostname"))
        .map((at) => ({ at, message: "expected endpoint.hostname: without it, its address is its id" })),
  },
];

const discoveries = (policies: Policy[]): Spot[] => policies.flatMap(({ at }) => at.get("servers", "discover") ?? []);

const endpoints = (cluster: Spot | undefined): Spot[] =>
  cluster?.list("load_assignment", "endpoints").flatMap((locality) => locality.list("lb_endpoints")) ?? [];
