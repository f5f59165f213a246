// SipHash-2-4 (Aumasson, Bernstein 2012): a short hash that nobody without the key can predict, so that
// no client can aim session ids at one bucket, or at another session's fingerprint.
import { Slice, lenOf, ptrOf } from "../abi/slice";

/** A key: 16 bytes. */
export const SIP_KEY_SIZE: i32 = 16;

/** The 64-bit hash of the bytes under the key at `key`. */
export function sipHash(bytes: Slice, key: usize): u64 {
  const k0 = load<u64>(key);
  const k1 = load<u64>(key, 8);
  let a = k0 ^ 0x736f6d6570736575;
  let b = k1 ^ 0x646f72616e646f6d;
  let c = k0 ^ 0x6c7967656e657261;
  let d = k1 ^ 0x7465646279746573;
  const len = lenOf(bytes);
  // Words of eight bytes, of which the last has the length on top; then one round trip more to finish.
  const words = len >> 3;
  for (let i = 0; i <= words + 1; i++) {
    const at = ptrOf(bytes) + <usize>(i << 3);
    let word: u64 = 0;
    let rounds = 2;
    if (i < words) {
      word = load<u64>(at);
    } else if (i == words) {
      for (let j = (len & 7) - 1; j >= 0; j--) word = (word << 8) | (<u64>load<u8>(at + j));
      word |= (<u64>len) << 56;
    } else {
      c ^= 0xff;
      rounds = 4;
    }
    d ^= word;
    for (; rounds > 0; rounds--) {
      a += b;
      c += d;
      b = rotl<u64>(b, 13) ^ a;
      d = rotl<u64>(d, 16) ^ c;
      a = rotl<u64>(a, 32);
      c += b;
      a += d;
      b = rotl<u64>(b, 17) ^ c;
      d = rotl<u64>(d, 21) ^ a;
      c = rotl<u64>(c, 32);
    }
    a ^= word;
  }
  return a ^ b ^ c ^ d;
}
