// The name of the cluster that the request goes to, asked of the host once in a callback.
import { property } from "./host";
import { NONE, Slice, Text } from "./slice";

const CLUSTER_NAME = new Text("xds\0cluster_name");

let name: Slice = NONE;

/** Call first in a callback. */
export function forgetCluster(): void {
  name = NONE;
}

/** The name, or NONE where there is no route (returns bytes). */
export function clusterName(): Slice {
  if (name == NONE) name = property(CLUSTER_NAME.slice);
  return name;
}

/** The request was sent to another cluster: until this callback has ended, Envoy still names the one before. */
export function nowGoesTo(cluster: Slice): void {
  name = cluster;
}
