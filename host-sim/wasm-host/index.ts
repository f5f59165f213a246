/** The wasm host: runs a proxy-wasm filter (ABI 0.1.0, 0.2.0, 0.2.1) with the semantics of Envoy's host. */

export { FilterTrapped, type LogLine, ModuleError, PluginRefused } from "./errors.js";
export { HeaderMap, lowerCase } from "./header-map.js";
export type { HostCall } from "./host-calls/host-call.js";
export { HOST_CALLS } from "./host-calls/table.js";
export type { HeaderMapKind } from "./joined-fields.js";
export { loadModule } from "./load-module.js";
export {
  HISTOGRAM_BOUNDS,
  HistogramMetric,
  METRIC_KINDS,
  type Metric,
  type MetricKind,
  Metrics,
  ScalarMetric,
  statName,
} from "./metrics.js";
export { type Clock, createHostServices, machineClock, type ServiceOptions } from "./services.js";
export { SharedData, type SharedValue } from "./shared-data.js";
export { SharedQueues } from "./shared-queues.js";
export type * from "./types.js";
export { createVm } from "./vm.js";
