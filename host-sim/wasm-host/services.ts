import { randomFillSync } from "node:crypto";
import { Metrics } from "./metrics.js";
import { SharedData } from "./shared-data.js";
import { SharedQueues } from "./shared-queues.js";
import type { HostServices } from "./types.js";

/** Where time comes from: the machine's, or a virtual one. */
export type Clock = Pick<HostServices, "now" | "every">;

/** What the process brings along; everything but `log` has a default. */
export interface ServiceOptions extends Pick<HostServices, "log"> {
  /** What `proxy_get_log_level` answers. */
  logLevel?: HostServices["logLevel"];
  clock?: Clock;
  random?: HostServices["random"];
  /** Without it there are no clusters to call. */
  httpCall?: HostServices["httpCall"];
}

/** Host services with new, empty shared data, queues and metrics: one set for all VMs of a process. */
export function createHostServices(options: ServiceOptions): HostServices {
  const { log, logLevel = "info", clock = machineClock, random = randomFillSync, httpCall = () => false } = options;
  return {
    sharedData: new SharedData(),
    sharedQueues: new SharedQueues(),
    metrics: new Metrics(),
    log,
    logLevel,
    now: () => clock.now(),
    every: (periodMs, tick) => clock.every(periodMs, tick),
    random: (target) => void random(target),
    httpCall,
  };
}

/** What Node's timers can do; a longer period would become 1 ms. */
const LONGEST_PERIOD_MS = 2 ** 31 - 1;

/** The machine's clock; it never goes backward. Its timers do not keep the process alive. */
export const machineClock: Clock = {
  now: () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n,
  every(periodMs, tick) {
    const timer = setInterval(tick, Math.min(periodMs, LONGEST_PERIOD_MS)).unref();
    return () => clearInterval(timer);
  },
};
