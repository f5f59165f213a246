/**
 * The simulator as a library: Envoy's data plane for one configuration, with its wasm filters, for test suites of one's
 * own. `Stage` is where to begin; `Simulator` is the engine alone, on the very addresses that the file says.
 * @module limpet
 */

export { type Echo, EchoBackend } from "./backends/echo.js";

export { type Bootstrap, EnvoyConfigError, loadBootstrap, type Problem, parseBootstrap } from "./envoy-config/index.js";
export { PortTaken } from "./proxy/downstream/bind.js";
export type { RequestLogEntry } from "./proxy/request-log.js";
export { Simulator, type SimulatorOptions } from "./simulator.js";
export { type Answer, Client, type ClientOptions, type ClientRequest } from "./testing/client.js";
export { CookieJar } from "./testing/cookie-jar.js";
export { Stage, type StageOptions } from "./testing/stage.js";
export type { Verdict } from "./testing/verdict.js";
export { FilterTrapped, type LogLevel, type LogLine, ModuleError, PluginRefused } from "./wasm-host/index.js";
