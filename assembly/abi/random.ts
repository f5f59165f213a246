// The host's random numbers (WASI), good enough for keys and nonces: Envoy takes them from BoringSSL.
import { NONE, Slice, lenOf, ptrOf } from "./slice";

// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "random_get")
declare function random_get(at: usize, size: usize): u32;

const word: usize = memory.data(4, 4);

/** A number from 0 up to, not including, 1; where the host has none always the same. */
export function randomShare(): f64 {
  random_get(word, 4);
  return <f64>load<u32>(word) / 4294967296;
}

/** Fills the bytes; false if the host has none. */
export function fillRandom(bytes: Slice): bool {
  return bytes != NONE && random_get(ptrOf(bytes), lenOf(bytes)) == 0;
}
