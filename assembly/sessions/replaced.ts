// Tokens that have been replaced, as all workers have seen it: a client may bring one again, say in
// requests that it sent at once, and then each gets a new token, but the session is still one. It is a
// ring of fingerprints in the host's shared data, cut into parts by their low bits; what is forgotten
// is counted again.
import { alloc } from "../abi/arena";
import { shareNext, sharedData } from "../abi/shared-data";
import { Slice, lenOf, ptrOf, slice } from "../abi/slice";

/** Parts, and fingerprints in each: 32,768 tokens in 128 KiB. */
const PARTS: u64 = 256;
const TOKENS: i32 = 128;
/** Attempts to write a part before others. */
const ATTEMPTS = 4;

/** Mark and part. */
const key: usize = memory.data(8, 4);
const MARK: u32 = 0x72706d6c;

/** True if the token with that fingerprint has not been replaced before; from now on it has. */
export function isFirstReplacement(fingerprint: u64): bool {
  store<u32>(key, MARK);
  store<u32>(key, <u32>(fingerprint % PARTS), 4);
  const name: Slice = slice(key, 8);
  const short = <u32>(fingerprint >> 32);
  for (let i = 0; i < ATTEMPTS; i++) {
    const known = sharedData(name);
    const count = min(lenOf(known) >> 2, TOKENS);
    for (let j = 0; j < count; j++) if (load<u32>(ptrOf(known) + (j << 2)) == short) return false;
    const next = alloc((TOKENS + 1) << 2);
    store<u32>(next, short);
    const kept = min(count, TOKENS - 1) << 2;
    memory.copy(next + 4, ptrOf(known), kept);
    if (shareNext(name, slice(next, 4 + kept))) return true;
  }
  return true;
}
