import { Status } from "../abi.js";
import type { Vm } from "../vm.js";
import { env, type HostCall } from "./host-call.js";
import { written } from "./return-bytes.js";

/** proxy-wasm/spec v0.2.1 §Clocks and §Timers. */
export const TIME_CALLS: HostCall[] = [
  env("proxy_get_current_time_nanoseconds", "(i)i", (vm: Vm, timeAt: number) =>
    written(vm.memory.setU64(timeAt, vm.services.now())),
  ),
  env("proxy_set_tick_period_milliseconds", "(i)i", (vm: Vm, periodMs: number) => {
    vm.context.root.setTickPeriod(periodMs);
    return Status.OK;
  }),
];
