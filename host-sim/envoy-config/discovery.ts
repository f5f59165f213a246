/** envoy.service.discovery.v3.DiscoveryResponse, as the file of a discovery service holds it */
import { cluster, distinctClusters } from "./cluster.js";
import { ipHost } from "./core.js";
import { type ClusterLoadAssignment, clusterLoadAssignment } from "./endpoint.js";
import { distinctListeners, listener } from "./listener.js";
import { any } from "./reader/any.js";
import type { ListRules } from "./reader/list.js";
import { message, optional, repeated } from "./reader/message.js";
import type { Reader } from "./reader/place.js";
import { string } from "./reader/scalars.js";

function discoveryResponse<T>(type: string, read: Reader<T>, distinct: ListRules<T>["distinct"]): Reader<T[]> {
  return message(
    {
      version_info: optional(string),
      type_url: optional(string),
      nonce: optional(string),
      resources: repeated<T>(any({ [type]: read }), { distinct }),
    },
    ({ resources }) => resources,
  );
}

export const listenerResources = discoveryResponse("envoy.config.listener.v3.Listener", listener, distinctListeners);
export const clusterResources = discoveryResponse("envoy.config.cluster.v3.Cluster", cluster, distinctClusters);
export const loadAssignmentResources = discoveryResponse<ClusterLoadAssignment>(
  "envoy.config.endpoint.v3.ClusterLoadAssignment",
  clusterLoadAssignment(ipHost),
  { cluster: ({ clusterName }) => clusterName },
);
