import type { Attribute, AttributeContext } from "./attribute.js";
import { connectionAttributes } from "./connection.js";
import { encode } from "./encode.js";
import { requestAttributes, responseAttributes } from "./message.js";
import { upstreamAttributes } from "./upstream.js";
import { xdsAttributes } from "./xds.js";

const GROUPS: Record<string, Record<string, Attribute>> = {
  ...connectionAttributes,
  request: requestAttributes,
  response: responseAttributes,
  upstream: upstreamAttributes,
  xds: xdsAttributes,
};

const SINGLE: Record<string, Attribute> = {
  plugin_name: ({ plugin }) => Buffer.from(plugin.name),
  plugin_root_id: ({ plugin }) => Buffer.from(plugin.rootId),
  plugin_vm_id: ({ plugin }) => Buffer.from(plugin.vmId),
  connection_id: ({ stream }) => encode.integer(stream.info.connection.id),
};

/** The value of `proxy_get_property`: an attribute of Envoy, else what a filter has set by that name. */
export function attribute(path: readonly string[], context: AttributeContext): Uint8Array | undefined {
  const [group = "", name = "", ...rest] = path;
  if (Object.hasOwn(SINGLE, group)) return SINGLE[group]!(context, path.slice(1));
  if (!Object.hasOwn(GROUPS, group)) return context.stream.info.filterState.get(filterStateKey(path));
  const attributes = GROUPS[group]!;
  return Object.hasOwn(attributes, name) ? attributes[name]!(context, rest) : undefined;
}

/** The name in the filter state of a property that a filter sets. */
export function filterStateKey(path: readonly string[]): string {
  return `wasm.${path.join("\0")}`;
}
