/** Messages that others are made of: envoy.config.core.v3. */
import { isIP } from "node:net";
import type { SocketAddress } from "./model.js";
import { any } from "./reader/any.js";
import { mapOf } from "./reader/list.js";
import { message, optional, required } from "./reader/message.js";
import type { Reader } from "./reader/place.js";
import { name, oneOf, string, uint } from "./reader/scalars.js";
import { plainStruct } from "./struct.js";

export const ipHost: Reader<string> = (at) => (isIP(string(at)) ? string(at) : at.expected("an IP address"));

/** `{socket_address: {address, port_value}}`. */
export function address(host: Reader<string>): Reader<SocketAddress> {
  const socketAddress = message(
    { protocol: optional(oneOf("TCP")), address: required(host), port_value: required(uint(0, 65535)) },
    ({ address, portValue }) => ({ host: address, port: portValue }),
  );
  return message({ socket_address: required(socketAddress) }, ({ socketAddress }) => socketAddress);
}

export interface FileSource {
  path: string;
  watchedDirectory?: string | undefined;
}

/** A ConfigSource that is a file. */
export const fileSource: Reader<FileSource> = message(
  {
    resource_api_version: optional(oneOf("AUTO", "V3")),
    path_config_source: required(
      message(
        {
          path: required(name),
          watched_directory: optional(message({ path: required(name) }, ({ path }) => path)),
        },
        (source, at) => {
          // Envoy watches the directory that it finds in the path.
          if (!source.watchedDirectory && !source.path.includes("/")) {
            at.report(
              `expected a path with a directory (Envoy watches it), found "${source.path}"; write "./${source.path}"`,
            );
          }
          return source;
        },
      ),
    ),
  },
  ({ pathConfigSource }) => pathConfigSource,
);

/** `Metadata.filter_metadata`: a plain value by namespace. */
export const metadata: Reader<Record<string, unknown>> = message(
  { filter_metadata: optional(mapOf(plainStruct), {}) },
  ({ filterMetadata }) => filterMetadata,
);

/** A TypedExtensionConfig. */
export function extension<R extends Parameters<typeof any>[0]>(types: R) {
  return message({ name: required(name), typed_config: required(any(types)) });
}
