/** The list of servers against the clusters' endpoints. */
import { clustersOf, type Policy, type Site } from "../site.js";
import type { Spot } from "../spot.js";
import type { Complaint, Rule } from "./rule.js";

/** Where all clusters of a policy have their endpoints in the file. */
interface Pair {
  servers: { at: Spot; address: string }[];
  endpoints: { at: Spot; address: string }[];
}

export const SERVERS: Rule[] = [
  {
    id: "server-without-endpoint",
    severity: "error",
    means: "a server's address is no endpoint of a routed cluster: Envoy cannot send a session there",
    look: (site) =>
      pairs(site).flatMap(({ servers, endpoints }) =>
        servers
          .filter(({ address }) => !endpoints.some((endpoint) => endpoint.address === address))
          .map(({ at, address }) => ({
            at: at.get("address") ?? at,
            message: `no endpoint of a routed cluster has the address ${address}`,
          })),
      ),
  },
  {
    id: "endpoint-without-server",
    severity: "warning",
    means: "an endpoint that is in no list of servers: it is given new sessions, and none of them sticks",
    look: (site) =>
      pairs(site).flatMap(({ servers, endpoints }) =>
        endpoints
          .filter(({ address }) => !servers.some((server) => server.address === address))
          .map(({ at, address }) => ({
            at,
            message: `no server has the address ${address}: its sessions do not stick`,
          })),
      ),
  },
  {
    id: "weight-differs",
    severity: "warning",
    means: "a server's weight is another than its endpoint's: hashes and Envoy's load balancer share unevenly",
    look: (site) =>
      matched(site, (server, endpoint): Complaint[] => {
        const [weight, ofEndpoint] = [server.number("weight") ?? 1, endpoint.number("load_balancing_weight") ?? 1];
        if (weight === ofEndpoint) return [];
        const at = server.get("weight") ?? server;
        return [{ at, message: `expected ${ofEndpoint}, the load_balancing_weight of its endpoint; got ${weight}` }];
      }),
  },
  {
    id: "drain-not-told",
    severity: "warning",
    means: "a server drains for Limpet or for Envoy, and not for the other",
    look: (site) =>
      matched(site, (server, endpoint): Complaint[] => {
        const drains = server.text("state") === "drain";
        const health = endpoint.get("health_status");
        if (drains === (health?.node.value === "DRAINING")) return [];
        return drains
          ? [{ at: server.get("state")!, message: "expected health_status: DRAINING at its endpoint too" }]
          : [{ at: health!, message: "expected state: drain at its server too" }];
      }),
  },
];

/** The policies whose servers and endpoints are both written out in the file. */
function pairs(site: Site): Pair[] {
  return site.policies.flatMap((policy) => {
    const servers = policy.at.list("servers").map((at) => ({ at, address: at.text("address") ?? "" }));
    const clusters = clustersFor(site, policy);
    if (servers.length === 0 || clusters.length === 0) return [];
    const endpoints = clusters.map(endpointsOf);
    return endpoints.includes(undefined) ? [] : [{ servers, endpoints: endpoints.flatMap((list) => list ?? []) }];
  });
}

/** Those that the policy's requests can reach: where policies are chosen by cluster, the one of its name. */
function clustersFor(site: Site, policy: Policy): Spot[] {
  const clusters = clustersOf(site);
  const unknown = site.routes.some((route) => route.clusters.length < Math.max(1, route.clusterNames.length));
  const from = site.configuration.texts("policy_from").join(".");
  if (from === "xds.cluster_name") return clusters.filter((cluster) => cluster.text("name") === policy.name);
  return unknown || from !== "" ? [] : clusters;
}

/** Undefined where they come from elsewhere, or have names that DNS resolves. */
function endpointsOf(cluster: Spot): Pair["endpoints"] | undefined {
  const type = cluster.text("type") ?? "STATIC";
  if (type !== "STATIC") return undefined;
  const localities = cluster.list("load_assignment", "endpoints");
  return localities
    .flatMap((locality) => locality.list("lb_endpoints"))
    .map((at) => {
      const socket = at.get("endpoint", "address", "socket_address");
      const host = socket?.text("address") ?? "";
      return { at, address: `${host.includes(":") ? `[${host}]` : host}:${socket?.number("port_value") ?? ""}` };
    });
}

function matched(site: Site, compare: (server: Spot, endpoint: Spot) => Complaint[]): Complaint[] {
  return pairs(site).flatMap(({ servers, endpoints }) =>
    servers.flatMap((server) => {
      const endpoint = endpoints.find(({ address }) => address === server.address);
      return endpoint ? compare(server.at, endpoint.at) : [];
    }),
  );
}
