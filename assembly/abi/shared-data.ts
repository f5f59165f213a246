// What all VMs of one `vm_id` share: every worker's, and the main thread's.
import { proxy_get_shared_data, proxy_set_shared_data } from "@gcoredev/proxy-wasm-sdk-as/assembly/imports";
import { NONE, Slice, lenOf, ptrOf, slice } from "./slice";

const OK: u32 = 0;
/** A number that no stored value has: the host gives them out from 1 upwards. */
const NO_VALUES_CAS: u32 = 0xffffffff;
/** This number stands for every other one. */
const ANY_CAS: u32 = 0;
const CAS: usize = 8;

const out: usize = memory.data(12, 4);

/** The value under the key, or NONE (returns bytes). */
export function sharedData(key: Slice): Slice {
  const status = proxy_get_shared_data(ptrOf(key), lenOf(key), out, out + 4, out + CAS);
  if (status == OK) return slice(load<usize>(out), load<i32>(out, 4));
  store<u32>(out, NO_VALUES_CAS, CAS);
  return NONE;
}

/** Stores a value, whatever is there. */
export function share(key: Slice, value: Slice): void {
  proxy_set_shared_data(ptrOf(key), lenOf(key), ptrOf(value), lenOf(value), ANY_CAS);
}

/** Stores a value under a key that has none yet; false if another VM was first (spec: CAS_MISMATCH). */
export function shareFirst(key: Slice, value: Slice): bool {
  store<u32>(out, NO_VALUES_CAS, CAS);
  return shareNext(key, value);
}

/** Stores the successor of what `sharedData` returned last, for the same key; false if another VM was first. */
export function shareNext(key: Slice, value: Slice): bool {
  // A key without a value takes any number, one with a value only its own.
  const cas = load<u32>(out, CAS);
  return proxy_set_shared_data(ptrOf(key), lenOf(key), ptrOf(value), lenOf(value), cas) == OK;
}
