/** envoy.config.listener.v3 */
import { address, extension, ipHost } from "./core.js";
import { httpConnectionManager } from "./http-connection-manager.js";
import type { Listener } from "./model.js";
import { message, optional, repeated, required } from "./reader/message.js";
import type { Reader } from "./reader/place.js";
import { string } from "./reader/scalars.js";

const networkFilter = extension({
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager": httpConnectionManager,
});

const filterChain = message(
  { filters: repeated(networkFilter, { count: "exactly one", several: true }) },
  ({ filters }) => filters[0]!,
);

export const listener: Reader<Listener> = message(
  {
    name: optional(string, ""),
    address: required(address(ipHost)),
    filter_chains: repeated(filterChain, { count: "exactly one", several: true }),
  },
  ({ name, address, filterChains }) => ({
    name: name || `${address.host}:${address.port}`,
    address,
    hcm: filterChains[0]!.typedConfig,
  }),
);

/** What no two listeners have in common; port 0 stands for any free port. */
export const distinctListeners = {
  "listener name": ({ name }: Listener) => name,
  address: ({ address: { host, port } }: Listener) => (port === 0 ? [] : `${host}:${port}`),
};
