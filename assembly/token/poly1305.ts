// Poly1305 (RFC 8439 §2.5): numbers modulo 2^130 - 5 as five limbs of 26 bits, so that the sum of
// five products fits into 64 bits. No branch and no address depends on the key or the message.
import { Slice, lenOf, ptrOf } from "../abi/slice";

export const MAC_KEY_SIZE: i32 = 32;
export const TAG_SIZE: i32 = 16;

const LIMB: u64 = 0x3ffffff;
/** The bit above a whole block's 128, in the uppermost limb. */
const ABOVE_BLOCK: u64 = 1 << 24;

const lastBlock: usize = memory.data(16, 8);

/** Writes the 16-byte tag of the message to `tag`. The key is good for one message only. */
export function poly1305(key: usize, message: Slice, tag: usize): void {
  // r, with the bits cleared that §2.5 wants cleared.
  const r0: u64 = load<u32>(key) & 0x3ffffff;
  const r1: u64 = (load<u32>(key, 3) >> 2) & 0x3ffff03;
  const r2: u64 = (load<u32>(key, 6) >> 4) & 0x3ffc0ff;
  const r3: u64 = (load<u32>(key, 9) >> 6) & 0x3f03fff;
  const r4: u64 = (load<u32>(key, 12) >> 8) & 0x00fffff;
  // 2^130 is 5: what a product has above it comes back five times at the bottom.
  const s1 = r1 * 5;
  const s2 = r2 * 5;
  const s3 = r3 * 5;
  const s4 = r4 * 5;
  let h0: u64 = 0;
  let h1: u64 = 0;
  let h2: u64 = 0;
  let h3: u64 = 0;
  let h4: u64 = 0;

  let left = lenOf(message);
  let at = ptrOf(message);
  while (left > 0) {
    let above = ABOVE_BLOCK;
    if (left < 16) {
      at = padded(at, left);
      above = 0;
    }
    h0 += load<u32>(at) & 0x3ffffff;
    h1 += (load<u32>(at, 3) >> 2) & 0x3ffffff;
    h2 += (load<u32>(at, 6) >> 4) & 0x3ffffff;
    h3 += (load<u32>(at, 9) >> 6) & 0x3ffffff;
    h4 += (load<u32>(at, 12) >> 8) | above;
    at += 16;
    left -= 16;

    const d0 = h0 * r0 + h1 * s4 + h2 * s3 + h3 * s2 + h4 * s1;
    const d1 = h0 * r1 + h1 * r0 + h2 * s4 + h3 * s3 + h4 * s2 + (d0 >> 26);
    const d2 = h0 * r2 + h1 * r1 + h2 * r0 + h3 * s4 + h4 * s3 + (d1 >> 26);
    const d3 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * s4 + (d2 >> 26);
    const d4 = h0 * r4 + h1 * r3 + h2 * r2 + h3 * r1 + h4 * r0 + (d3 >> 26);
    h0 = (d0 & LIMB) + (d4 >> 26) * 5;
    h1 = (d1 & LIMB) + (h0 >> 26);
    h0 &= LIMB;
    h2 = d2 & LIMB;
    h3 = d3 & LIMB;
    h4 = d4 & LIMB;
  }

  h2 += h1 >> 26;
  h3 += h2 >> 26;
  h4 += h3 >> 26;
  h0 += (h4 >> 26) * 5;
  h1 = (h1 & LIMB) + (h0 >> 26);
  h0 &= LIMB;
  h2 &= LIMB;
  h3 &= LIMB;
  h4 &= LIMB;

  // The sum less 2^130 - 5, if that is not negative: what it carries beyond 130 bits tells.
  let g0 = h0 + 5;
  let g1 = h1 + (g0 >> 26);
  let g2 = h2 + (g1 >> 26);
  let g3 = h3 + (g2 >> 26);
  let g4 = h4 + (g3 >> 26);
  const reduced: u64 = 0 - (g4 >> 26);
  h0 ^= (h0 ^ (g0 & LIMB)) & reduced;
  h1 ^= (h1 ^ (g1 & LIMB)) & reduced;
  h2 ^= (h2 ^ (g2 & LIMB)) & reduced;
  h3 ^= (h3 ^ (g3 & LIMB)) & reduced;
  h4 ^= (h4 ^ (g4 & LIMB)) & reduced;

  // Plus s, the key's second half, modulo 2^128.
  const low = (h0 | (h1 << 26) | (h2 << 52)) + load<u64>(key, 16);
  const carry = <u64>(low < load<u64>(key, 16));
  const high = ((h2 >> 12) | (h3 << 14) | (h4 << 40)) + load<u64>(key, 24) + carry;
  store<u64>(tag, low);
  store<u64>(tag, high, 8);
}

/** The message's last bytes, fewer than 16, with a 1 behind them and zeros up to 16. */
function padded(at: usize, size: i32): usize {
  memory.fill(lastBlock, 0, 16);
  memory.copy(lastBlock, at, size);
  store<u8>(lastBlock + size, 1);
  return lastBlock;
}
