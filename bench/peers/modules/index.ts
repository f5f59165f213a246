// The filter's pure modules as functions that can be called in turns with others of their kind: bench/micro.
// `input` takes the bytes that they work on; each starts the arena again, as a callback does.
import { alloc, reset } from "../../../assembly/abi/arena";
import { Slice, Text, equal, lenOf, slice } from "../../../assembly/abi/slice";
import { Candidates } from "../../../assembly/choose/candidates";
import { crc32 } from "../../../assembly/choose/crc32";
import { Maglev } from "../../../assembly/choose/maglev";
import { Rendezvous } from "../../../assembly/choose/rendezvous";
import { xxh64 } from "../../../assembly/choose/xxh64";
import { CookieCursor } from "../../../assembly/identify/cookies";
import { sipHash } from "../../../assembly/learn/siphash";
import { Server } from "../../../assembly/servers/server";
import { Servers } from "../../../assembly/servers/index";
import * as aead from "../../../assembly/token/aead";
import { decodeBase64Url, encodeBase64Url } from "../../../assembly/token/base64url";

const NAME = new Text("SERVERID");
const TABLE_SIZE: i32 = 65537;

const key: usize = heap.alloc(32);
const nonce: usize = heap.alloc(12);
const tag: usize = heap.alloc(16);
const cursor = new CookieCursor();
const candidates = new Candidates();
const rendezvous = new Rendezvous();

let text: Slice = 0;
let servers = new Servers(new StaticArray<Server>(0));
let maglev = new Maglev(TABLE_SIZE);

/** Where to write the bytes that the functions work on. */
export function input(size: i32): usize {
  const at = heap.alloc(size);
  text = slice(at, size);
  return at;
}

/** Where to write the AEAD's key (32 bytes) and nonce (12). */
export function keyAt(): usize {
  return key;
}
export function nonceAt(): usize {
  return nonce;
}
export function tagAt(): usize {
  return tag;
}

/** Walks all cookies of the line; the length of the one named SERVERID, or -1. */
export function scanCookies(): i32 {
  let found = -1;
  cursor.start(text);
  while (cursor.next()) if (equal(cursor.name, NAME.slice)) found = lenOf(cursor.value);
  return found;
}

export function hashCrc32(): u32 {
  return crc32(text);
}

export function hashXxh64(): u64 {
  return xxh64(text, 0);
}

export function hashSip(): u64 {
  return sipHash(text, key);
}

/** Encrypts the input where it lies. */
export function seal(): void {
  reset();
  aead.seal(key, nonce, 0, text, tag);
}

/** Decrypts a copy of the input; false if the tag is wrong. */
export function open(): bool {
  reset();
  const copy = slice(alloc(lenOf(text)), lenOf(text));
  memory.copy(<usize>copy, <usize>text, lenOf(text));
  return aead.open(key, nonce, 0, copy, tag);
}

/** To base64url and back; the length. */
export function base64Url(): i32 {
  reset();
  return lenOf(decodeBase64Url(encodeBase64Url(text)));
}

/** Makes so many servers, for the functions below. */
export function makeServers(count: i32): void {
  const list = new StaticArray<Server>(count);
  for (let i = 0; i < count; i++) list[i] = new Server(`S${i}`, `10.0.${i >> 8}.${i & 255}:8080`);
  servers = new Servers(list);
  maglev.prepare(servers);
  rendezvous.prepare(servers);
}

export function buildMaglev(): void {
  maglev.prepare(servers);
}

/** The first choice for the input. */
export function chooseMaglev(): i32 {
  candidates.clear(1);
  maglev.rank(text, servers, candidates);
  return candidates.at(0);
}
export function chooseRendezvous(): i32 {
  candidates.clear(1);
  rendezvous.rank(text, servers, candidates);
  return candidates.at(0);
}
