import type { Cluster } from "../upstream/cluster.js";
import type { UpstreamHost } from "../upstream/host.js";
import { json, type Page, text } from "./page.js";

const LISTS = ["static_endpoint_configs", "dynamic_endpoint_configs"] as const;

const EXPECTED = `the simulator dumps endpoints only: expected include_eds and mask=${LISTS.join()}\n`;

/**
 * `/config_dump` of endpoints, with their metadata: `name_regex` fits the whole of what EDS calls a
 * cluster. Envoy: `ConfigDumpHandler::dumpEndpointConfigs`.
 */
export function configDumpPage(clusters: readonly Cluster[], query: URLSearchParams): Page {
  const mask = (query.get("mask") ?? "").split(",");
  if (!query.has("include_eds") || LISTS.some((list) => !mask.includes(list))) return text(400, EXPECTED);
  const pattern = query.get("name_regex") ?? ".*";
  let names: RegExp;
  try {
    names = new RegExp(`^(?:${pattern})$`);
  } catch {
    return text(400, `INVALID_ARGUMENT: Error while parsing name_regex from ${pattern}`);
  }
  const shown = clusters.filter((cluster) => names.test(nameInEds(cluster)));
  const lists = LISTS.map((list, index) => {
    const assignments = shown.filter(({ addedViaApi }) => addedViaApi === (index === 1)).map(assignment);
    return [list, assignments.map((endpoint_config) => ({ endpoint_config }))] as const;
  });
  const filled = Object.fromEntries(lists.filter(([, list]) => list.length > 0));
  return json({ configs: [{ "@type": "type.googleapis.com/envoy.admin.v3.EndpointsConfigDump", ...filled }] }, 1);
}

const nameInEds = ({ config }: Cluster) => config.edsServiceName ?? config.name;

/** envoy.config.endpoint.v3.ClusterLoadAssignment; the simulator has one locality. */
function assignment(cluster: Cluster): object {
  const lb_endpoints = cluster.hosts.map(lbEndpoint);
  return {
    "@type": "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
    cluster_name: nameInEds(cluster),
    ...(lb_endpoints.length > 0 && { endpoints: [{ locality: {}, lb_endpoints, load_balancing_weight: 0 }] }),
    policy: { overprovisioning_factor: 140 },
  };
}

function lbEndpoint({ endpoint, health }: UpstreamHost): object {
  const { address, hostname, metadata, weight } = endpoint;
  return {
    endpoint: {
      address: { socket_address: { address: address.host, port_value: address.port } },
      health_check_config: {},
      ...(hostname !== "" && { hostname }),
    },
    health_status: health.toUpperCase(),
    ...(Object.keys(metadata).length > 0 && { metadata: { filter_metadata: metadata } }),
    load_balancing_weight: weight,
  };
}
