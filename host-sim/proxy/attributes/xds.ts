import type { Attribute } from "./attribute.js";
import { encode } from "./encode.js";
import { metadataValue } from "./metadata.js";

const NONE = new Uint8Array();

/** `xds`: names and metadata of what the configuration says about the stream. */
export const xdsAttributes: Record<string, Attribute> = {
  cluster_name: ({ stream }, rest) => name(stream.route?.clusterName, rest),
  cluster_metadata: ({ stream, clusters }, rest) =>
    metadata(clusters.get(stream.route?.clusterName ?? "")?.config, rest),
  route_name: ({ stream }, rest) => name(stream.route?.route.name, rest),
  route_metadata: ({ stream }, rest) => metadata(stream.route?.route, rest),
  virtual_host_name: ({ stream }, rest) => name(stream.route?.virtualHost.name, rest),
  virtual_host_metadata: (_, rest) => metadataValue({}, rest),
  /** An endpoint without metadata has no such attribute. */
  upstream_host_metadata: ({ stream }, rest) => {
    const endpoint = stream.info.upstreamHost?.endpoint;
    if (endpoint === undefined || Object.keys(endpoint.metadata).length === 0) return undefined;
    return metadataValue(endpoint.metadata, rest);
  },
  listener_metadata: (_, rest) => metadataValue({}, rest),
  listener_direction: () => encode.integer(0),
  filter_chain_name: () => NONE,
};

function name(value: string | undefined, rest: readonly string[]): Uint8Array | undefined {
  return value === undefined || rest.length > 0 ? undefined : Buffer.from(value);
}

function metadata(
  of: { metadata: Record<string, unknown> } | undefined,
  rest: readonly string[],
): Uint8Array | undefined {
  return of === undefined ? undefined : metadataValue(of.metadata, rest);
}
