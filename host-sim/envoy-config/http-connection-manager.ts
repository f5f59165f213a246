/** envoy.extensions.filters.network.http_connection_manager.v3 */
import { accessLog } from "./access-log.js";
import { httpFilter } from "./http-filters.js";
import type { HttpConnectionManager } from "./model.js";
import { message, optional, repeated, required } from "./reader/message.js";
import type { Reader } from "./reader/place.js";
import { boolean, name, oneOf, uint } from "./reader/scalars.js";
import { routeConfiguration } from "./route.js";

const upgradeConfig = message({ upgrade_type: required(name) }, ({ upgradeType }) => upgradeType.toLowerCase());

export const httpConnectionManager: Reader<HttpConnectionManager> = message(
  {
    stat_prefix: required(name),
    codec_type: optional(oneOf("AUTO", "HTTP1")),
    route_config: required(routeConfiguration),
    http_filters: repeated(httpFilter, { min: 1 }),
    upgrade_configs: repeated(upgradeConfig),
    use_remote_address: optional(boolean, false),
    xff_num_trusted_hops: optional(uint(), 0),
    max_request_headers_kb: optional(uint(1, 8192), 60),
    access_log: repeated(accessLog),
  },
  ({ codecType: _, routeConfig, httpFilters, upgradeConfigs, accessLog, ...plain }, at) => {
    const { virtualHosts, ...routeConfigHeaders } = routeConfig;
    httpFilters.forEach(({ kind }, index) => {
      const last = index === httpFilters.length - 1;
      const place = at.field("http_filters")!.items()[index]!;
      if (last && kind !== "router") place.report("expected the router as the last filter");
      if (!last && kind === "router")
        place.report("expected the router only as the last filter, found filters after it");
    });
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
