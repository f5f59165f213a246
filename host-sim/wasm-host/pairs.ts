import { MAX_PAIRS, MAX_PAIRS_BYTES } from "./abi.js";
import type { HeaderField } from "./types.js";

/**
 * Serialises pairs (proxy-wasm/spec v0.2.1 §Serialization): count, then all sizes, then all names and
 * values, each followed by NUL; numbers are 32-bit little-endian.
 */
export function serialisePairs(pairs: readonly HeaderField[]): Buffer {
  let text = "";
  for (const [name, value] of pairs) text += `${name}\0${value}\0`;
  const target = Buffer.allocUnsafe(4 + pairs.length * 8 + text.length);
  let at = target.writeUInt32LE(pairs.length, 0);
  for (const [name, value] of pairs) {
    at = target.writeUInt32LE(name.length, at);
    at = target.writeUInt32LE(value.length, at);
  }
  // All text at once: a write costs much more than a concatenation.
  target.write(text, at, "latin1");
  return target;
}

/**
 * Reads serialised pairs. As in Envoy, anything malformed (too short, too long, a missing NUL, more
 * than 1 MiB or 1024 pairs) reads as no pairs at all.
 */
export function parsePairs(bytes: Uint8Array): HeaderField[] {
  if (bytes.length < 4 || bytes.length > MAX_PAIRS_BYTES) return [];
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = source.readUInt32LE(0);
  let at = 4 + count * 8;
  if (count > MAX_PAIRS || at > source.length) return [];
  const pairs: HeaderField[] = [];
  for (let index = 0; index < count; index++) {
    const valueAt = at + source.readUInt32LE(4 + index * 8) + 1;
    const end = valueAt + source.readUInt32LE(8 + index * 8) + 1;
    if (end > source.length || source[valueAt - 1] !== 0 || source[end - 1] !== 0) return [];
    pairs.push([source.toString("latin1", at, valueAt - 1), source.toString("latin1", valueAt, end - 1)]);
    at = end;
  }
  return at === source.length ? pairs : [];
}
