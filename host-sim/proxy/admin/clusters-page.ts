import type { Cluster } from "../upstream/cluster.js";
import type { UpstreamHost } from "../upstream/host.js";
import { json, type Page, text } from "./page.js";

/** `/clusters`; the parameter `filter` is a regular expression on the clusters' names, `format` may be json. */
export function clustersPage(clusters: Cluster[], query: URLSearchParams): Page {
  const filter = nameFilter(query.get("filter") ?? "");
  if (filter === undefined) return text(400, "Invalid re2 regex");
  const shown = clusters.filter(({ name }) => filter.test(name));
  return query.get("format") === "json" ? clustersJson(shown) : clustersText(shown);
}

function nameFilter(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern);
  } catch {
    return undefined;
  }
}

/** `/clusters`, with the lines of Envoy's page. */
function clustersText(clusters: Iterable<Cluster>): Page {
  const lines: string[] = [];
  for (const cluster of clusters) {
    const { name } = cluster;
    lines.push(`${name}::observability_name::${name}`);
    for (const priority of ["default", "high"] as const) {
      for (const [limit, value] of thresholds(cluster, priority)) {
        lines.push(`${name}::${priority}_priority::${limit}::${value}`);
      }
    }
    lines.push(`${name}::added_via_api::${cluster.addedViaApi}`);
    for (const host of cluster.hosts) {
      for (const [key, value] of hostLines(host)) lines.push(`${name}::${host.address}::${key}::${value}`);
    }
  }
  return text(200, lines.map((line) => `${line}\n`).join(""));
}

/** `/clusters?format=json`: envoy.admin.v3.Clusters. */
function clustersJson(clusters: Iterable<Cluster>): Page {
  const statuses = [...clusters].map((cluster) => ({
    name: cluster.name,
    ...(cluster.addedViaApi && { added_via_api: true }),
    host_statuses: cluster.hosts.map(hostStatus),
    circuit_breakers: {
      thresholds: [
        Object.fromEntries(thresholds(cluster, "default")),
        { priority: "HIGH", ...Object.fromEntries(thresholds(cluster, "high")) },
      ],
    },
    observability_name: cluster.name,
    ...(cluster.config.edsServiceName !== undefined && { eds_service_name: cluster.config.edsServiceName }),
  }));
  return json({ cluster_statuses: statuses }, 1);
}

/** The simulator has Envoy's default limits, and enforces that of the retries. */
function thresholds(cluster: Cluster, priority: "default" | "high"): [string, number][] {
  return [
    ["max_connections", 1024],
    ["max_pending_requests", 1024],
    ["max_requests", 1024],
    ["max_retries", priority === "default" ? cluster.config.maxRetries : 3],
  ];
}

const COUNTERS = ["cx_connect_fail", "cx_total", "rq_error", "rq_success", "rq_timeout", "rq_total"] as const;
const GAUGES = ["cx_active", "rq_active"] as const;

function hostLines(host: UpstreamHost): [string, string | number][] {
  const stats = [...COUNTERS, ...GAUGES].sort().map((name): [string, number] => [name, host.stats[name].value]);
  return [
    ...stats,
    ["hostname", host.endpoint.hostname],
    ["health_flags", healthFlags(host)],
    ["weight", host.endpoint.weight],
    ["region", ""],
    ["zone", ""],
    ["sub_zone", ""],
    ["canary", "false"],
    ["priority", 0],
    ["success_rate", -1],
    ["local_origin_success_rate", -1],
  ];
}

/** Envoy: `HostUtility::healthFlagsToString`. */
function healthFlags(host: UpstreamHost): string {
  const { healthStatus } = host.endpoint;
  const flags = [
    host.failedActiveHealthCheck && "/failed_active_hc",
    (healthStatus === "UNHEALTHY" || healthStatus === "TIMEOUT") && "/failed_eds_health",
    healthStatus === "DEGRADED" && "/degraded_eds_health",
    host.pendingRemoval && "/pending_dynamic_removal",
    host.activeCheckTimedOut && "/active_hc_timeout",
    healthStatus === "DRAINING" && "/eds_status_draining",
  ].filter((flag) => flag !== false);
  return flags.length === 0 ? "healthy" : flags.join("");
}

/** envoy.admin.v3.HostStatus as Envoy prints it: a zero or an empty value is left out. */
function hostStatus(host: UpstreamHost): unknown {
  const { endpoint } = host;
  const value = (name: keyof UpstreamHost["stats"]) => {
    const number = host.stats[name].value;
    return number === 0 ? {} : { value: String(number) };
  };
  return {
    address: { socket_address: { address: endpoint.address.host, port_value: endpoint.address.port } },
    stats: [
      ...COUNTERS.map((name) => ({ ...value(name), name })),
      ...GAUGES.map((name) => ({ type: "GAUGE", ...value(name), name })),
    ],
    health_status: {
      ...(host.failedActiveHealthCheck && { failed_active_health_check: true }),
      eds_health_status: endpoint.healthStatus === "UNKNOWN" ? "HEALTHY" : endpoint.healthStatus,
      ...(host.pendingRemoval && { pending_dynamic_removal: true }),
      ...(host.activeCheckTimedOut && { active_hc_timeout: true }),
    },
    weight: endpoint.weight,
    ...(endpoint.hostname !== "" && { hostname: endpoint.hostname }),
    locality: {},
  };
}
