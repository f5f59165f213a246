import type { Clock, LogLevel } from "../wasm-host/index.js";
import type { Stats } from "./stats.js";

/** What every part of the proxy shares within one simulator. */
export interface Runtime {
  readonly stats: Stats;
  readonly clock: Clock;
  /** A number in [0, 1), as Math.random. */
  random(): number;
  /** A line of the proxy's own log; `component` as Envoy's loggers are named (`config`, `upstream`, `wasm`, ...). */
  log(level: LogLevel, component: string, message: string): void;
}

/** An integer in [0, below). */
export function randomInt(runtime: Pick<Runtime, "random">, below: number): number {
  return Math.floor(runtime.random() * below);
}
