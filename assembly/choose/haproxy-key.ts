// The number that HAProxy makes of a key (`balance`, and the function and modifier of `hash-type`).
import { Slice, byteAt, lenOf, ptrOf } from "../abi/slice";
import { crc32 } from "./crc32";

export enum HaproxyFunction {
  /** `balance source`, whatever function `hash-type` names: the words of an address, XORed. */
  Source,
  Sdbm,
  Djb2,
  Wt6,
  Crc32,
}

export class HaproxyKey {
  constructor(
    private hashFunction: HaproxyFunction,
    private avalanche: bool,
  ) {}

  hash(key: Slice): u32 {
    const hash = apply(this.hashFunction, key);
    return this.avalanche ? fullAvalanche(hash) : hash;
  }
}

function apply(hashFunction: HaproxyFunction, key: Slice): u32 {
  switch (hashFunction) {
    case HaproxyFunction.Source:
      return source(key);
    case HaproxyFunction.Sdbm:
      return sdbm(key);
    case HaproxyFunction.Djb2:
      return djb2(key);
    case HaproxyFunction.Wt6:
      return wt6(key);
    default:
      return crc32(key);
  }
}

function source(address: Slice): u32 {
  let hash: u32 = 0;
  for (let i = 0; i < lenOf(address); i += 4) hash ^= bswap<u32>(load<u32>(ptrOf(address) + i));
  return hash;
}

/** The hash of the sdbm library (Ozan Yigit): hash * 65599 + byte. */
function sdbm(key: Slice): u32 {
  let hash: u32 = 0;
  for (let i = 0; i < lenOf(key); i++) hash = hash * 65599 + byteAt(key, i);
  return hash;
}

/** Daniel J. Bernstein's hash: hash * 33 + byte. */
function djb2(key: Slice): u32 {
  let hash: u32 = 5381;
  for (let i = 0; i < lenOf(key); i++) hash = hash * 33 + byteAt(key, i);
  return hash;
}

/** HAProxy's wt6: two words that change places, each turned by what the other says. */
function wt6(key: Slice): u32 {
  let a: u32 = 0xa53c965a;
  let b: u32 = 0x5ca6953a;
  let turnB: u32 = 6;
  let turnA: u32 = 18;
  for (let i = 0; i < lenOf(key); i++) {
    const byte: u32 = byteAt(key, i);
    const turned = rotl<u32>(~(b + byte), turnB);
    b = rotl<u32>(~(a ^ byte), turnA);
    a = turned;
    const turns = ((a >> 16) ^ b) & 0xffff;
    turnB = turns & 31;
    turnA = turns >> 11;
  }
  return a ^ b;
}

/** HAProxy `avalanche`: Bob Jenkins' six steps for a 32-bit integer, then a prime near 3/4 of the ring. */
export function fullAvalanche(a: u32): u32 {
  a = a + 0x7ed55d16 + (a << 12);
  a = a ^ 0xc761c23c ^ (a >> 19);
  a = a + 0x165667b1 + (a << 5);
  a = (a + 0xd3a2646c) ^ (a << 9);
  a = a + 0xfd7046c5 + (a << 3);
  a = a ^ 0xb55a4f09 ^ (a >> 16);
  return a * 3221225473;
}
