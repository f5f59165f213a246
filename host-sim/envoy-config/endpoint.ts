/** envoy.config.endpoint.v3 */
import { address, metadata } from "./core.js";
import type { Endpoint } from "./model.js";
import { message, optional, repeated, required } from "./reader/message.js";
import type { Reader } from "./reader/place.js";
import { name, oneOf, string, uint } from "./reader/scalars.js";

export interface ClusterLoadAssignment {
  clusterName: string;
  endpoints: Endpoint[];
}

export const healthStatus = oneOf("UNKNOWN", "HEALTHY", "UNHEALTHY", "DRAINING", "TIMEOUT", "DEGRADED");

/** @param host what an endpoint's address may be: a name only where the cluster resolves it */
export function clusterLoadAssignment(host: Reader<string>): Reader<ClusterLoadAssignment> {
  const endpoint = message({ address: required(address(host)), hostname: optional(string, "") });
  const lbEndpoint: Reader<Endpoint> = message(
    {
      endpoint: required(endpoint),
      health_status: optional(healthStatus, "UNKNOWN"),
      load_balancing_weight: optional(uint(1), 1),
      metadata: optional(metadata, {}),
    },
    ({ endpoint, loadBalancingWeight, ...plain }) => ({ ...endpoint, weight: loadBalancingWeight, ...plain }),
  );
  // Localities without weights and priorities are only a way to write one list.
  const locality = message({ lb_endpoints: repeated(lbEndpoint) }, ({ lbEndpoints }) => lbEndpoints);
  return message({ cluster_name: required(name), endpoints: repeated(locality) }, ({ clusterName, endpoints }) => ({
    clusterName,
    endpoints: endpoints.flat(),
  }));
}
