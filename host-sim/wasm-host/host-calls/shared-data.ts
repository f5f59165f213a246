import { Status } from "../abi.js";
import type { Vm } from "../vm.js";
import { env, type HostCall } from "./host-call.js";
import { returnBytes, written } from "./return-bytes.js";

/** proxy-wasm/spec v0.2.1 §Shared Key-Value Store. */
export const SHARED_DATA_CALLS: HostCall[] = [
  env("proxy_get_shared_data", "(iiiii)i", getSharedData),
  env("proxy_set_shared_data", "(iiiii)i", setSharedData, {
    note: "a new key is written whatever cas says; a value cannot be deleted",
  }),
];

function getSharedData(vm: Vm, key: number, keySize: number, pointerAt: number, sizeAt: number, casAt: number): number {
  const name = vm.memory.text(key, keySize);
  if (name === undefined) return Status.INVALID_MEMORY_ACCESS;
  const stored = vm.services.sharedData.get(vm.options.vmId, name);
  if (stored === undefined) return Status.NOT_FOUND;
  const status = returnBytes(vm, stored.value, pointerAt, sizeAt);
  return status === Status.OK ? written(vm.memory.setU32(casAt, stored.cas)) : status;
}

function setSharedData(vm: Vm, key: number, keySize: number, value: number, valueSize: number, cas: number): number {
  const name = vm.memory.text(key, keySize);
  const bytes = vm.memory.view(value, valueSize);
  if (name === undefined || bytes === undefined) return Status.INVALID_MEMORY_ACCESS;
  return vm.services.sharedData.set(vm.options.vmId, name, bytes, cas) ? Status.OK : Status.CAS_MISMATCH;
}
