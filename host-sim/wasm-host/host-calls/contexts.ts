import { Status } from "../abi.js";
import type { Vm } from "../vm.js";
import { env, type HostCall } from "./host-call.js";
import { returnBytes } from "./return-bytes.js";

/** proxy-wasm/spec v0.2.1 §Context lifecycle; ABI 0.1.0's way to the configuration. */
export const CONTEXT_CALLS: HostCall[] = [
  env("proxy_done", "()i", (vm: Vm) => (vm.context.root.finishDone() ? Status.OK : Status.NOT_FOUND)),
  env("proxy_set_effective_context", "(i)i", (vm: Vm, id: number) =>
    vm.setEffectiveContext(id) ? Status.OK : Status.BAD_ARGUMENT,
  ),
  env("proxy_get_configuration", "(ii)i", getConfiguration, { abi: ["0.1.0"], specified: false }),
];

function getConfiguration(vm: Vm, pointerAt: number, sizeAt: number): number {
  const bytes = vm.context.root.readableConfiguration ?? vm.options.vmConfiguration;
  return returnBytes(vm, bytes, pointerAt, sizeAt);
}
