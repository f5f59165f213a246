import { metadataBytes } from "../../envoy-config/index.js";
import { encode } from "./encode.js";
import type { Attribute } from "./index.js";

const NONE = new Uint8Array();

/** Of each metadata object its bytes: configuration does not change. */
const serialized = new WeakMap<object, Uint8Array>();

/** `xds`: names and metadata of what the configuration says about the stream. */
export const xdsAttributes: Record<string, Attribute> = {
  cluster_name: ({ stream }) => name(stream.route?.clusterName),
  cluster_metadata: ({ stream, clusters }) => metadata(clusters.get(stream.route?.clusterName ?? "")?.config),
  route_name: ({ stream }) => name(stream.route?.route.name),
  route_metadata: ({ stream }) => metadata(stream.route?.route),
  virtual_host_name: ({ stream }) => name(stream.route?.virtualHost.name),
  virtual_host_metadata: () => NONE,
  /** An endpoint without metadata has no such attribute. */
  upstream_host_metadata: ({ stream }) => {
    const bytes = metadata(stream.info.upstreamHost?.endpoint);
    return bytes?.length ? bytes : undefined;
  },
  listener_metadata: () => NONE,
  listener_direction: () => encode.integer(0),
  filter_chain_name: () => NONE,
};

function name(value: string | undefined): Uint8Array | undefined {
  return value === undefined ? undefined : encode.text(value);
}

function metadata(of: { metadata: Record<string, unknown> } | undefined): Uint8Array | undefined {
  if (of === undefined) return undefined;
  let bytes = serialized.get(of.metadata);
  if (bytes === undefined) {
    bytes = metadataBytes(of.metadata);
    serialized.set(of.metadata, bytes);
  }
  return bytes;
}
