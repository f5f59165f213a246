/** `servers: {discover}`: the way to the admin interface, and what the endpoints will be called. */
import type { Policy, Site, Subject } from "../site.js";
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
    means: "an endpoint lacks what `discover` calls servers by: its address stands in, also in cookies",
    look: (site, subject) =>
      followed(site, subject, "id")
        .filter(({ value }) => value === undefined)
        .map(({ at, what }) => ({ at, message: `expected ${what}: without it, its address is its id` })),
  },
  {
    id: "endpoint-id-twice",
    severity: "warning",
    means: "two endpoints have the id by which `discover` calls servers: of the second its address stands in",
    look: (site, subject) =>
      followed(site, subject, "id")
        .filter(({ value }, index, all) => value !== undefined && all.findIndex((one) => one.value === value) < index)
        .map(({ at, value }) => ({ at, message: `expected an id that no other endpoint has; got ${value}` })),
  },
  {
    id: "endpoint-without-incarnation",
    severity: "warning",
    means:
      "an endpoint lacks what `discover` tells incarnations by: it inherits the sessions of whoever had its address",
    look: (site, subject) =>
      followed(site, subject, "incarnation")
        .filter(({ value }) => value === undefined)
        .map(({ at, what }) => ({ at, message: `expected ${what}: without it, it is not known to be another server` })),
  },
];

const discoveries = (policies: Policy[]): Spot[] => policies.flatMap(({ at }) => at.get("servers", "discover") ?? []);

const endpoints = (cluster: Spot | undefined): Spot[] =>
  cluster?.list("load_assignment", "endpoints").flatMap((locality) => locality.list("lb_endpoints")) ?? [];

/** What an endpoint says where the filter looks, and where that is. */
interface Followed {
  at: Spot;
  what: string;
  value: string | undefined;
}

/** The endpoints of the clusters that a site follows, where that field of `discover` names something of theirs. */
function followed({ policies }: Site, { clusters }: Subject, field: "id" | "incarnation"): Followed[] {
  return discoveries(policies).flatMap((discover) => {
    const metadata = discover.get(field, "metadata");
    const byHostname = (discover.text(field) ?? (field === "id" && !metadata ? "hostname" : "")) === "hostname";
    const key = metadata?.text("key");
    const namespace = metadata?.text("namespace") ?? "envoy.lb";
    if (!byHostname && !key) return [];
    return endpoints(clusters.get(discover.text("cluster") ?? ""))
      .filter((endpoint) => endpoint.get("endpoint"))
      .map((at) => {
        if (byHostname) return { at, what: "endpoint.hostname", value: at.text("endpoint", "hostname") || undefined };
        const value = at.get("metadata", "filter_metadata")?.member(namespace)?.member(key!)?.node.value;
        const what = `a text or a number in metadata.filter_metadata, ${namespace}, ${key}`;
        return { at, what, value: isName(value) ? String(value) : undefined };
      });
  });
}

/** A text or a number, as the filter wants it. */
const isName = (value: unknown) => typeof value === "number" || (typeof value === "string" && value !== "");
