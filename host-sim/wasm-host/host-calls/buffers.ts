import { LAST_BUFFER_TYPE, Status } from "../abi.js";
import type { Vm } from "../vm.js";
import { env, type HostCall } from "./host-call.js";
import { returnBytes, written } from "./return-bytes.js";

/** A buffer that the guest may read, and replace if it has `replace`. */
export interface GuestBuffer {
  bytes: Uint8Array;
  replace?: (bytes: Uint8Array) => void;
}

/** proxy-wasm/spec v0.2.1 §Buffers. */
export const BUFFER_CALLS: HostCall[] = [
  env("proxy_get_buffer_bytes", "(iiiii)i", getBytes, {
    note: "an HTTP body that is not there reads as empty; no combination of start and size is BAD_ARGUMENT",
  }),
  env("proxy_get_buffer_status", "(iii)i", getStatus),
  env("proxy_set_buffer_bytes", "(iiiii)i", setBytes, {
    note: "replaces at the start or appends, as Envoy; a start inside the buffer is BAD_ARGUMENT",
  }),
];

function getBytes(vm: Vm, type: number, start: number, size: number, pointerAt: number, sizeAt: number): number {
  if (type > LAST_BUFFER_TYPE) return Status.BAD_ARGUMENT;
  const buffer = vm.context.buffer(type);
  if (buffer === undefined) return Status.NOT_FOUND;
  return returnBytes(vm, buffer.bytes.subarray(start, start + size), pointerAt, sizeAt);
}

function getStatus(vm: Vm, type: number, sizeAt: number, unusedAt: number): number {
  if (type > LAST_BUFFER_TYPE) return Status.BAD_ARGUMENT;
  const buffer = vm.context.buffer(type);
  if (buffer === undefined) return Status.NOT_FOUND;
  return written(vm.memory.setU32(sizeAt, buffer.bytes.length) && vm.memory.setU32(unusedAt, 0));
}

function setBytes(vm: Vm, type: number, start: number, size: number, pointer: number, valueSize: number): number {
  if (type > LAST_BUFFER_TYPE) return Status.BAD_ARGUMENT;
  const buffer = vm.context.buffer(type);
  if (buffer === undefined) return Status.NOT_FOUND;
  const value = vm.memory.view(pointer, valueSize);
  if (value === undefined) return Status.INVALID_MEMORY_ACCESS;
  if (buffer.replace === undefined) return Status.BAD_ARGUMENT;
  if (start === 0) buffer.replace(Buffer.concat([value, buffer.bytes.subarray(size)]));
  else if (start >= buffer.bytes.length) buffer.replace(Buffer.concat([buffer.bytes, value]));
  else return Status.BAD_ARGUMENT;
  return Status.OK;
}
