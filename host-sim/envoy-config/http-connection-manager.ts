/** envoy.extensions.filters.network.http_connection_manager.v3 */
import { accessLog } from "./access-log.js";
import { httpFilter } from "./http-filters.js";
import type { HttpConnectionManager } from "./model.js";
import { message, optional, repeated, required } from "./reader/message.js";
import type { Reader } from "./reader/place.js";
import { boolean, name, someOf, uint } from "./reader/scalars.js";
import { routeConfiguration } from "./route.js";

const upgradeConfig = message({ upgrade_type: required(name) }, ({ upgradeType }) => upgradeType.toLowerCase());

export const httpConnectionManager: Reader<HttpConnectionManager> = message(
  {
    stat_prefix: required(name),
    codec_type: optional(someOf(["AUTO", "HTTP1"], ["HTTP2", "HTTP3"])),
    route_config: required(routeConfiguration),
    http_filters: repeated(httpFilter, {
      count: "at least one",
      terminal: { what: "the router", is: ({ kind }) => kind === "router" },
    }),
    upgrade_configs: repeated(upgradeConfig, { distinct: { "upgrade type": (type) => type } }),
    use_remote_address: optional(boolean, false),
    xff_num_trusted_hops: optional(uint(), 0),
    max_request_headers_kb: optional(uint(1, 8192), 60),
    access_log: repeated(accessLog),
  },
  ({ codecType: _, routeConfig, httpFilters, upgradeConfigs, accessLog, ...plain }) => {
    const { virtualHosts, ...routeConfigHeaders } = routeConfig;
    return {
      ...plain,
      routes: virtualHosts,
      routeConfigHeaders,
      filters: httpFilters,
      upgradeTypes: upgradeConfigs,
      accessLogs: accessLog,
    };
  },
);
