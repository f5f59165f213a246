/** The hand-off: between Limpet and what acts on its choice stands one header, and everything hangs on it. */
import { clustersOf, type Route, type Site } from "../site.js";
import type { Spot } from "../spot.js";
import type { Complaint, Rule } from "./rule.js";

export const HAND_OFF: Rule[] = [
  {
    id: "no-hand-off-filter",
    severity: "error",
    means: "`handoff: {stateful_session}`, and no such filter in the chain: nobody acts on the choice",
    look: (site) =>
      site.handoff.kind === "stateful_session" && sessionFilters(site).length === 0
        ? [{ at: site.filters[site.index]!, message: "expected a stateful_session filter behind it" }]
        : [],
  },
  {
    id: "hand-off-order",
    severity: "error",
    means: "`stateful_session` stands before Limpet, and reads the header before it is there",
    look: (site) =>
      site.handoff.kind === "stateful_session" &&
      sessionFilters(site).length > 0 &&
      !sessionFilters(site).some(({ index }) => index > site.index)
        ? [{ at: sessionFilters(site)[0]!.filter, message: "expected it behind Limpet, which makes the header for it" }]
        : [],
  },
  {
    id: "hand-off-header-differs",
    severity: "error",
    means: "Limpet writes another header than `stateful_session` or `override_host` reads",
    look: (site) => (site.handoff.kind === "stateful_session" ? sessionHeaders(site) : policyHeaders(site)),
  },
  {
    id: "no-override-host-policy",
    severity: "error",
    means: "`handoff: {override_host}`, and a routed cluster without that load balancing policy",
    look: (site) =>
      site.handoff.kind === "override_host"
        ? clustersOf(site)
            .filter((cluster) => overrideHost(cluster) === undefined)
            .map((at) => ({
              at,
              message: "expected the load balancing policy override_host, to which Limpet hands off",
            }))
        : [],
  },
  {
    id: "hand-off-header-removed-too-soon",
    severity: "error",
    means: "a route removes the `override_host` header before the load balancer reads it",
    look: (site) =>
      site.handoff.kind === "override_host"
        ? site.routes
            .flatMap((route) => removing(route, "request_headers_to_remove", site.handoff.header))
            .map((at) => ({
              at,
              message: `${site.handoff.header} is removed before the load balancer reads it; remove it by an upstream header_mutation filter`,
            }))
        : [],
  },
  {
    id: "hand-off-header-not-removed",
    severity: "warning",
    means: "the hand-off header reaches the servers",
    look: (site) => [
      ...new Map(
        site.routes
          .filter((route) => !isRemoved(site, route))
          .map(({ levels }) => [levels.at(-1)!.path, { at: levels.at(-1)!, message: notRemoved(site) }]),
      ).values(),
    ],
  },
  {
    id: "hand-off-header-believed",
    severity: "warning",
    means: "a server's own response header of that name is taken for the name of who served",
    look: (site) => [
      ...new Map(
        site.routes
          .filter((route) => removing(route, "response_headers_to_remove", site.handoff.header).length === 0)
          .map(({ levels }) => [
            levels.at(-1)!.path,
            {
              at: levels.at(-1)!,
              message: `expected ${site.handoff.header} in response_headers_to_remove: a server could send one`,
            },
          ]),
      ).values(),
    ],
  },
  {
    id: "strict-session",
    severity: "warning",
    means: "`stateful_session` is strict, and no rule says `on_unavailable`: a request whose server is gone gets 503",
    look: (site) =>
      sessionFilters(site).flatMap(({ filter }) => {
        if (site.policies.some(({ at, rules }) => [at, ...rules].some((spot) => spot.get("on_unavailable")))) return [];
        const strict = filter.get("typed_config", "strict");
        return strict?.node.value === true
          ? [{ at: strict, message: "a request whose server is gone gets 503, and no other server" }]
          : [];
      }),
  },
  {
    id: "draining-loses-sessions",
    severity: "warning",
    means:
      "the cluster's `override_host_status` lacks DRAINING: a draining host loses the sessions that it should keep",
    look: (site) =>
      site.handoff.kind === "stateful_session"
        ? clustersOf(site)
            .filter((cluster) => !keepsDraining(cluster))
            .map((at) => ({
              at: at.get("common_lb_config", "override_host_status") ?? at,
              message: "expected DRAINING in common_lb_config.override_host_status: a draining host loses its sessions",
            }))
        : [],
  },
  {
    id: "health-not-looked-at",
    severity: "warning",
    means: "`handoff: {override_host}` with health checks: that policy sends requests to unhealthy hosts too",
    look: (site) =>
      site.handoff.kind === "override_host"
        ? clustersOf(site).flatMap((cluster) => {
            const at = cluster.get("health_checks");
            return at ? [{ at, message: "override_host does not look at health; hand off by stateful_session" }] : [];
          })
        : [],
  },
];

function sessionFilters({ filters }: Site): { filter: Spot; index: number }[] {
  return filters.flatMap((filter, index) => (filter.type === "StatefulSession" ? [{ filter, index }] : []));
}

function sessionHeaders(site: Site): Complaint[] {
  const behind = sessionFilters(site).filter(({ index }) => index > site.index);
  const headers = behind.map(({ filter }) => filter.get("typed_config", "session_state", "typed_config", "name"));
  if (behind.length === 0 || headers.some((name) => sameHeader(name?.node.value, site.handoff.header))) return [];
  const at = headers[0] ?? behind[0]!.filter;
  return [{ at, message: `expected ${site.handoff.header}, the header that Limpet writes (handoff)` }];
}

function policyHeaders(site: Site): Complaint[] {
  return clustersOf(site).flatMap((cluster) => {
    const sources = overrideHost(cluster);
    if (sources === undefined || sources.some((source) => sameHeader(source.text("header"), site.handoff.header))) {
      return [];
    }
    return [{ at: sources[0] ?? cluster, message: `expected ${site.handoff.header}, the header that Limpet writes` }];
  });
}

/** The header sources of the cluster's override_host policy; undefined if it has none. */
function overrideHost(cluster: Spot): Spot[] | undefined {
  for (const policy of cluster.list("load_balancing_policy", "policies")) {
    const extension = policy.get("typed_extension_config");
    if (extension?.type !== "OverrideHost") continue;
    return [
      ...extension.list("typed_config", "override_host_sources"),
      ...extension.list("typed_config", "primary_host_source"),
    ];
  }
  return undefined;
}

const sameHeader = (name: unknown, header: string) => typeof name === "string" && name.toLowerCase() === header;

/** The lists of the route's levels that name the header. */
function removing(route: Route, field: string, header: string): Spot[] {
  return route.levels.flatMap((level) => {
    const list = level.get(field);
    return list?.texts().some((name) => sameHeader(name, header)) ? [list] : [];
  });
}

/** By the route, by a filter behind the one that acts on it, or on the way to the cluster. */
function isRemoved(site: Site, route: Route): boolean {
  const { header, kind } = site.handoff;
  if (kind === "stateful_session") {
    if (removing(route, "request_headers_to_remove", header).length > 0) return true;
    if (site.filters.slice(site.index + 1).some((filter) => mutates(filter, header))) return true;
  }
  const upstream = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  const unnamed = route.clusters.length < Math.max(1, route.clusterNames.length);
  if (unnamed) return kind === "override_host";
  return route.clusters.every((cluster) =>
    (cluster.member("typed_extension_protocol_options")?.member(upstream)?.list("http_filters") ?? []).some((filter) =>
      mutates(filter, header),
    ),
  );
}

const mutates = (filter: Spot, header: string) =>
  filter.type === "HeaderMutation" &&
  filter
    .list("typed_config", "mutations", "request_mutations")
    .some((mutation) => sameHeader(mutation.text("remove"), header));

function notRemoved({ handoff: { header, kind } }: Site): string {
  return kind === "stateful_session"
    ? `expected ${header} in request_headers_to_remove: the servers get it`
    : `expected an upstream header_mutation filter that removes ${header}: the servers get it`;
}

function keepsDraining(cluster: Spot): boolean {
  return cluster.texts("common_lb_config", "override_host_status", "statuses").includes("DRAINING");
}
