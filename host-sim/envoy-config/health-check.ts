/** envoy.config.core.v3.HealthCheck */
import type { HealthCheck } from "./model.js";
import { message, optional, required } from "./reader/message.js";
import type { Reader } from "./reader/place.js";
import { name, positiveDuration, string, uint } from "./reader/scalars.js";

export const healthCheck: Reader<HealthCheck> = message(
  {
    timeout: required(positiveDuration),
    interval: required(positiveDuration),
    no_traffic_interval: optional(positiveDuration, 60_000),
    unhealthy_threshold: required(uint()),
    healthy_threshold: required(uint()),
    http_health_check: required(message({ path: required(name), host: optional(string, "") })),
  },
  ({ timeout, interval, noTrafficInterval, httpHealthCheck, ...thresholds }) => ({
    ...httpHealthCheck,
    ...thresholds,
    timeoutMs: timeout,
    intervalMs: interval,
    noTrafficIntervalMs: noTrafficInterval,
  }),
);
