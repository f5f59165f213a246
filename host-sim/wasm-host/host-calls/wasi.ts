import { Errno, MAX_RANDOM_BYTES } from "../abi.js";
import type { LogLevel } from "../types.js";
import type { Vm } from "../vm.js";
import { type HostCall, wasi } from "./host-call.js";

/** The WASI functions that proxy-wasm/spec v0.2.1 names. */
export const WASI_CALLS: HostCall[] = [
  wasi("fd_write", "(iiii)i", fdWrite),
  wasi("clock_time_get", "(ili)i", clockTimeGet),
  wasi("random_get", "(ii)i", randomGet),
  wasi("environ_sizes_get", "(ii)i", environSizesGet),
  wasi("environ_get", "(ii)i", environGet),
  wasi("args_sizes_get", "(ii)i", (vm: Vm, countAt: number, sizeAt: number) =>
    fault(vm.memory.setU32(countAt, 0) && vm.memory.setU32(sizeAt, 0)),
  ),
  wasi("args_get", "(ii)i", () => Errno.SUCCESS),
  wasi("proc_exit", "(i)", () => undefined, { note: "returns, as in Envoy" }),
];

/** SUCCESS if the write worked, else FAULT. */
export function fault(ok: boolean): number {
  return ok ? Errno.SUCCESS : Errno.FAULT;
}

const LEVEL_OF_FD = new Map<number, LogLevel>([
  [1, "info"],
  [2, "error"],
]);

/** Logs what a scatter list points to as one message, without a newline at the end. */
export function fdWrite(vm: Vm, fd: number, list: number, listSize: number, writtenAt: number): number {
  const level = LEVEL_OF_FD.get(fd);
  if (level === undefined) return Errno.BADF;
  const parts: Uint8Array[] = [];
  for (let index = 0; index < listSize; index++) {
    const entry = vm.memory.view(list + index * 8, 8);
    if (entry === undefined) return Errno.FAULT;
    const { buffer, byteOffset } = entry;
    const fields = new DataView(buffer, byteOffset, 8);
    const size = fields.getUint32(4, true);
    if (size === 0) continue;
    const part = vm.memory.view(fields.getUint32(0, true), size);
    if (part === undefined) return Errno.FAULT;
    parts.push(part);
  }
  const message = Buffer.concat(parts);
  if (message.length > 0) vm.log(level, message.toString("utf8").replace(/\n$/, ""));
  return fault(vm.memory.setU32(writtenAt, message.length));
}

/** Real time and monotonic time are the host's one clock. */
function clockTimeGet(vm: Vm, clock: number, _precision: bigint, timeAt: number): number {
  return clock > 1 ? Errno.NOTSUP : fault(vm.memory.setU64(timeAt, vm.services.now()));
}

function randomGet(vm: Vm, pointer: number, size: number): number {
  if (size > MAX_RANDOM_BYTES) return Errno.INVAL;
  if (size === 0) return Errno.SUCCESS;
  const target = vm.memory.view(pointer, size);
  if (target === undefined) return Errno.FAULT;
  vm.services.random(target);
  return Errno.SUCCESS;
}

function environSizesGet(vm: Vm, countAt: number, sizeAt: number): number {
  const { environment } = vm;
  const size = environment.reduce((sum, entry) => sum + entry.length, 0);
  return fault(vm.memory.setU32(countAt, environment.length) && vm.memory.setU32(sizeAt, size));
}

function environGet(vm: Vm, arrayAt: number, bufferAt: number): number {
  let entryAt = bufferAt;
  for (const [index, entry] of vm.environment.entries()) {
    if (!vm.memory.setU32(arrayAt + index * 4, entryAt) || !vm.memory.set(entryAt, entry)) return Errno.FAULT;
    entryAt += entry.length;
  }
  return Errno.SUCCESS;
}
