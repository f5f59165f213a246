/** The simulator as a library: Envoy's data plane for one configuration file, with its wasm filters. */

export { type Bootstrap, EnvoyConfigError, loadBootstrap, type Problem, parseBootstrap } from "./envoy-config/index.js";
export { PortTaken } from "./proxy/downstream/bind.js";
export type { RequestLogEntry } from "./proxy/request-log.js";
export { Simulator, type SimulatorOptions } from "./simulator.js";
export { FilterTrapped, type LogLevel, type LogLine, ModuleError, PluginRefused } from "./wasm-host/index.js";
