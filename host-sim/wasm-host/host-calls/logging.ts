import { LOG_LEVELS, Status } from "../abi.js";
import type { Vm } from "../vm.js";
import { env, type HostCall } from "./host-call.js";
import { written } from "./return-bytes.js";

/** proxy-wasm/spec v0.2.1 §Logging. */
export const LOGGING_CALLS: HostCall[] = [
  env("proxy_log", "(iii)i", log),
  env("proxy_get_log_level", "(i)i", getLogLevel, { abi: ["0.2.1"] }),
];

function log(vm: Vm, level: number, pointer: number, size: number): number {
  const name = LOG_LEVELS[level];
  if (name === undefined) return Status.BAD_ARGUMENT;
  const message = vm.memory.view(pointer, size);
  if (message === undefined) return Status.INVALID_MEMORY_ACCESS;
  vm.log(name, Buffer.from(message).toString("utf8"));
  return Status.OK;
}

function getLogLevel(vm: Vm, levelAt: number): number {
  return written(vm.memory.setU32(levelAt, LOG_LEVELS.indexOf(vm.services.logLevel)));
}
