// What test/token/module.ts has of the token modules: pointers and sizes, `alloc` is the arena's.
import { alloc, reset } from "../../../assembly/abi/arena";
import { environmentVariable } from "../../../assembly/abi/environment";
import { Slice, slice } from "../../../assembly/abi/slice";
import * as aead from "../../../assembly/token/aead";
import { decodeBase64Url, encodeBase64Url } from "../../../assembly/token/base64url";
import { chacha20 } from "../../../assembly/token/chacha20";
import { packEndpoint, printEndpoint } from "../../../assembly/token/endpoint";
import { Key, KeyRing } from "../../../assembly/token/key-ring";
import { poly1305 } from "../../../assembly/token/poly1305";
import { processKey } from "../../../assembly/token/process-key";
import { Claims, Opened, Seal } from "../../../assembly/token/sealed";

export { alloc, reset };
export { chacha20Block as block } from "../../../assembly/token/chacha20";

export function cipher(key: usize, counter: u32, nonce: usize, text: usize, size: i32): void {
  chacha20(key, counter, nonce, slice(text, size));
}

export function mac(key: usize, message: usize, size: i32, tag: usize): void {
  poly1305(key, slice(message, size), tag);
}

export function seal(key: usize, nonce: usize, aad: usize, aadSize: i32, text: usize, size: i32, tag: usize): void {
  aead.seal(key, nonce, slice(aad, aadSize), slice(text, size), tag);
}

export function open(key: usize, nonce: usize, aad: usize, aadSize: i32, text: usize, size: i32, tag: usize): bool {
  return aead.open(key, nonce, slice(aad, aadSize), slice(text, size), tag);
}

// Runs of bytes come back as their slice, pointer and length in one number.

export function encode(at: usize, size: i32): Slice {
  return encodeBase64Url(slice(at, size));
}

export function decode(at: usize, size: i32): Slice {
  return decodeBase64Url(slice(at, size));
}

export function pack(at: usize, size: i32): Slice {
  return packEndpoint(slice(at, size));
}

export function print(at: usize, size: i32): Slice {
  return printEndpoint(slice(at, size));
}

/** The variable's value as UTF-8; NONE if there is none. */
export function environment(at: usize, size: i32): Slice {
  const value = environmentVariable(String.UTF8.decodeUnsafe(at, size));
  if (value === null) return 0;
  const bytes = String.UTF8.encode(value);
  const copy = alloc(bytes.byteLength);
  memory.copy(copy, changetype<usize>(bytes), bytes.byteLength);
  return slice(copy, bytes.byteLength);
}

/** The process's key and its hint behind it; NONE if there is none. */
export function keyOfProcess(): Slice {
  const key = processKey();
  if (key === null) return 0;
  const copy = alloc(34);
  memory.copy(copy, key.at, 32);
  store<u16>(copy, key.hint, 32);
  return slice(copy, 34);
}

const claims = new Claims();
let keys = new KeyRing();
let place = new Seal(keys, []);

export function clearKeys(): void {
  keys = new KeyRing();
}

export function addKey(id: usize, size: i32, key: usize): void {
  keys.add(Key.named(String.UTF8.decodeUnsafe(id, size), slice(key, 32)));
}

/** Where tokens are sealed and opened from now on: texts, each with a NUL behind it. */
export function setPlace(at: usize, size: i32): void {
  const texts = String.UTF8.decodeUnsafe(at, size).split("\0");
  place = new Seal(keys, texts.slice(0, -1));
}

export function sealToken(
  at: usize,
  size: i32,
  isEndpoint: bool,
  incarnation: u32,
  since: u32,
  lastUse: u32,
  cluster: usize,
  clusterSize: i32,
): Slice {
  claims.server = slice(at, size);
  claims.isEndpoint = isEndpoint;
  claims.incarnation = incarnation;
  claims.since = since;
  claims.lastUse = lastUse;
  claims.force = false;
  return place.seal(claims, slice(cluster, clusterSize));
}

export function openToken(at: usize, size: i32, cluster: usize, clusterSize: i32): Opened {
  return place.open(slice(at, size), slice(cluster, clusterSize), claims);
}

export function server(): Slice {
  return claims.server;
}

export function isEndpoint(): bool {
  return claims.isEndpoint;
}

export function incarnation(): u32 {
  return claims.incarnation;
}

export function since(): u32 {
  return claims.since;
}

export function lastUse(): u32 {
  return claims.lastUse;
}
