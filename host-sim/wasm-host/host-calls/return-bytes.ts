import { Status } from "../abi.js";
import type { Vm } from "../vm.js";

/**
 * Gives bytes to the guest: allocates them there and writes their pointer and size. Empty bytes are
 * pointer 0 and size 0, without an allocation.
 * @param bytes or a string of one char a byte.
 */
export function returnBytes(vm: Vm, bytes: Uint8Array | string, pointerAt: number, sizeAt: number): number {
  const { counter } = vm;
  let pointer = 0;
  if (bytes.length > 0) {
    pointer = vm.allocate(bytes.length);
    if (pointer === 0) return Status.INVALID_MEMORY_ACCESS;
    vm.memory.set(pointer, bytes);
  }
  if (!vm.memory.setU32(pointerAt, pointer) || !vm.memory.setU32(sizeAt, bytes.length)) {
    return Status.INVALID_MEMORY_ACCESS;
  }
  counter.bytesReturned += bytes.length;
  return Status.OK;
}

/** OK if the write worked, else INVALID_MEMORY_ACCESS. */
export function written(ok: boolean): number {
  return ok ? Status.OK : Status.INVALID_MEMORY_ACCESS;
}
