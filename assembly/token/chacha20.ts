// ChaCha20 (RFC 8439 §2.3 and §2.4). The sixteen words of the state are locals: on V8 that is quicker
// than 128-bit vectors for the two blocks that a token takes, and every wasm runtime has it.
import { Slice, lenOf, ptrOf } from "../abi/slice";

export const KEY_SIZE: i32 = 32;
export const NONCE_SIZE: i32 = 12;
export const BLOCK_SIZE: i32 = 64;

/** "expand 32-byte k", little-endian. */
const SIGMA_0: u32 = 0x61707865;
const SIGMA_1: u32 = 0x3320646e;
const SIGMA_2: u32 = 0x79622d32;
const SIGMA_3: u32 = 0x6b206574;

const keystream: usize = memory.data(BLOCK_SIZE, 8);

/** Encrypts, or decrypts, the bytes where they are; their first block is the keystream's `counter`th. */
export function chacha20(key: usize, counter: u32, nonce: usize, bytes: Slice): void {
  const end = ptrOf(bytes) + lenOf(bytes);
  for (let at = ptrOf(bytes); at < end; at += BLOCK_SIZE) {
    chacha20Block(key, counter++, nonce, keystream);
    const size = min<usize>(BLOCK_SIZE, end - at);
    let i: usize = 0;
    for (; i + 8 <= size; i += 8) store<u64>(at + i, load<u64>(at + i) ^ load<u64>(keystream + i));
    for (; i < size; i++) store<u8>(at + i, load<u8>(at + i) ^ load<u8>(keystream + i));
  }
}

/** Writes one block of the keystream, 64 bytes, to `out`. */
export function chacha20Block(key: usize, counter: u32, nonce: usize, out: usize): void {
  let x0: u32 = SIGMA_0;
  let x1: u32 = SIGMA_1;
  let x2: u32 = SIGMA_2;
  let x3: u32 = SIGMA_3;
  let x4: u32 = load<u32>(key);
  let x5: u32 = load<u32>(key, 4);
  let x6: u32 = load<u32>(key, 8);
  let x7: u32 = load<u32>(key, 12);
  let x8: u32 = load<u32>(key, 16);
  let x9: u32 = load<u32>(key, 20);
  let x10: u32 = load<u32>(key, 24);
  let x11: u32 = load<u32>(key, 28);
  let x12: u32 = counter;
  let x13: u32 = load<u32>(nonce);
  let x14: u32 = load<u32>(nonce, 4);
  let x15: u32 = load<u32>(nonce, 8);
  for (let i = 0; i < 10; i++) {
    // The columns, four quarter rounds at a time.
    x12 = rotl<u32>(x12 ^ (x0 += x4), 16);
    x13 = rotl<u32>(x13 ^ (x1 += x5), 16);
    x14 = rotl<u32>(x14 ^ (x2 += x6), 16);
    x15 = rotl<u32>(x15 ^ (x3 += x7), 16);
    x4 = rotl<u32>(x4 ^ (x8 += x12), 12);
    x5 = rotl<u32>(x5 ^ (x9 += x13), 12);
    x6 = rotl<u32>(x6 ^ (x10 += x14), 12);
    x7 = rotl<u32>(x7 ^ (x11 += x15), 12);
    x12 = rotl<u32>(x12 ^ (x0 += x4), 8);
    x13 = rotl<u32>(x13 ^ (x1 += x5), 8);
    x14 = rotl<u32>(x14 ^ (x2 += x6), 8);
    x15 = rotl<u32>(x15 ^ (x3 += x7), 8);
    x4 = rotl<u32>(x4 ^ (x8 += x12), 7);
    x5 = rotl<u32>(x5 ^ (x9 += x13), 7);
    x6 = rotl<u32>(x6 ^ (x10 += x14), 7);
    x7 = rotl<u32>(x7 ^ (x11 += x15), 7);
    // The diagonals.
    x15 = rotl<u32>(x15 ^ (x0 += x5), 16);
    x12 = rotl<u32>(x12 ^ (x1 += x6), 16);
    x13 = rotl<u32>(x13 ^ (x2 += x7), 16);
    x14 = rotl<u32>(x14 ^ (x3 += x4), 16);
    x5 = rotl<u32>(x5 ^ (x10 += x15), 12);
    x6 = rotl<u32>(x6 ^ (x11 += x12), 12);
    x7 = rotl<u32>(x7 ^ (x8 += x13), 12);
    x4 = rotl<u32>(x4 ^ (x9 += x14), 12);
    x15 = rotl<u32>(x15 ^ (x0 += x5), 8);
    x12 = rotl<u32>(x12 ^ (x1 += x6), 8);
    x13 = rotl<u32>(x13 ^ (x2 += x7), 8);
    x14 = rotl<u32>(x14 ^ (x3 += x4), 8);
    x5 = rotl<u32>(x5 ^ (x10 += x15), 7);
    x6 = rotl<u32>(x6 ^ (x11 += x12), 7);
    x7 = rotl<u32>(x7 ^ (x8 += x13), 7);
    x4 = rotl<u32>(x4 ^ (x9 += x14), 7);
  }
  store<u32>(out, x0 + SIGMA_0);
  store<u32>(out, x1 + SIGMA_1, 4);
  store<u32>(out, x2 + SIGMA_2, 8);
  store<u32>(out, x3 + SIGMA_3, 12);
  store<u32>(out, x4 + load<u32>(key), 16);
  store<u32>(out, x5 + load<u32>(key, 4), 20);
  store<u32>(out, x6 + load<u32>(key, 8), 24);
  store<u32>(out, x7 + load<u32>(key, 12), 28);
  store<u32>(out, x8 + load<u32>(key, 16), 32);
  store<u32>(out, x9 + load<u32>(key, 20), 36);
  store<u32>(out, x10 + load<u32>(key, 24), 40);
  store<u32>(out, x11 + load<u32>(key, 28), 44);
  store<u32>(out, x12 + counter, 48);
  store<u32>(out, x13 + load<u32>(nonce), 52);
  store<u32>(out, x14 + load<u32>(nonce, 4), 56);
  store<u32>(out, x15 + load<u32>(nonce, 8), 60);
}
