// Bytes in linear memory without garbage: a pointer and a length in one u64, passed by value.
// A request's bytes stay bytes; only the configuration uses strings.

/** Pointer in the low, length in the high 32 bits. */
export type Slice = u64;

/** No bytes at all: different from an empty slice, whose pointer is not 0. */
export const NONE: Slice = 0;

/** The `len` bytes at `ptr`. */
// @ts-ignore: decorator
@inline
export function slice(ptr: usize, len: i32): Slice {
  return ((<u64>(<u32>len)) << 32) | (<u64>ptr);
}

// @ts-ignore: decorator
@inline
export function ptrOf(s: Slice): usize {
  return <usize>(<u32>s);
}

// @ts-ignore: decorator
@inline
export function lenOf(s: Slice): i32 {
  return <i32>(s >> 32);
}

/** The byte at `index`, unchecked. */
// @ts-ignore: decorator
@inline
export function byteAt(s: Slice, index: i32): u8 {
  return load<u8>(ptrOf(s) + index);
}

/** The part from `from` up to, not including, `to`. */
export function part(s: Slice, from: i32, to: i32): Slice {
  return slice(ptrOf(s) + from, to - from);
}

/** Same length and bytes. */
export function equal(a: Slice, b: Slice): bool {
  return lenOf(a) == lenOf(b) && sameBytes(ptrOf(a), ptrOf(b), lenOf(a));
}

/** Eight bytes at a time: names differ late. */
function sameBytes(p: usize, q: usize, len: i32): bool {
  for (; len >= 8; len -= 8) {
    if (load<u64>(p) != load<u64>(q)) return false;
    p += 8;
    q += 8;
  }
  for (; len > 0; len--) if (load<u8>(p++) != load<u8>(q++)) return false;
  return true;
}

/** True if the slice begins with `prefix`. */
export function startsWith(s: Slice, prefix: Slice): bool {
  const len = lenOf(prefix);
  return lenOf(s) >= len && sameBytes(ptrOf(s), ptrOf(prefix), len);
}

/** True if the slice ends with `suffix`. */
export function endsWith(s: Slice, suffix: Slice): bool {
  const from = lenOf(s) - lenOf(suffix);
  return from >= 0 && equal(part(s, from, lenOf(s)), suffix);
}

const EACH: u64 = 0x0101010101010101;
const HIGH_BITS: u64 = 0x8080808080808080;

/** Index of the byte at or after `from`, or -1. Eight bytes at a time (Mycroft 1987): cookies are long. */
export function indexOf(s: Slice, byte: u8, from: i32 = 0): i32 {
  const ptr = ptrOf(s);
  const len = lenOf(s);
  const wanted = EACH * <u64>byte;
  let i = from;
  for (; i + 8 <= len; i += 8) {
    const different = load<u64>(ptr + i) ^ wanted;
    // The lowest bit set is the first byte that is 0, so the first one wanted.
    const found = (different - EACH) & ~different & HIGH_BITS;
    if (found != 0) return i + ((<i32>ctz(found)) >> 3);
  }
  for (; i < len; i++) if (load<u8>(ptr + i) == byte) return i;
  return -1;
}

/** Index of the last such byte, or -1. */
export function lastIndexOf(s: Slice, byte: u8): i32 {
  let i = lenOf(s) - 1;
  while (i >= 0 && byteAt(s, i) != byte) i--;
  return i;
}

/** The value of a hexadecimal digit of either case, or -1. */
export function hexDigit(byte: u8): i32 {
  const digit = <i32>byte - 0x30;
  if (digit >= 0 && digit <= 9) return digit;
  const letter = <i32>(byte | 0x20) - 0x61;
  return letter >= 0 && letter < 6 ? letter + 10 : -1;
}

/** The bytes, which are UTF-8, as a string: for the configuration, and what else may allocate. */
export function textOf(s: Slice): string {
  return String.UTF8.decodeUnsafe(ptrOf(s), lenOf(s));
}

/** A-Z becomes a-z, every other byte stays. */
export function lower(byte: u8): u8 {
  return byte - 0x41 < 26 ? byte | 0x20 : byte;
}

/** Equal but for the case of ASCII letters (RFC 9110 §5.1: field names). */
export function equalIgnoringCase(a: Slice, b: Slice): bool {
  const len = lenOf(a);
  if (len != lenOf(b)) return false;
  const p = ptrOf(a);
  const q = ptrOf(b);
  for (let i = 0; i < len; i++) if (lower(load<u8>(p + i)) != lower(load<u8>(q + i))) return false;
  return true;
}

/** True if `needle` occurs in the slice, ASCII case ignored. */
export function containsIgnoringCase(s: Slice, needle: Slice): bool {
  const last = lenOf(s) - lenOf(needle);
  for (let i = 0; i <= last; i++) {
    if (equalIgnoringCase(part(s, i, i + lenOf(needle)), needle)) return true;
  }
  return false;
}

/** Without blanks and tabs at both ends (RFC 9110 §5.6.3: OWS). */
export function trim(s: Slice): Slice {
  const start = trimStart(s);
  const from = ptrOf(start);
  let to = from + lenOf(start);
  while (to > from && isBlank(load<u8>(to - 1))) to--;
  return slice(from, <i32>(to - from));
}

/** Without blanks and tabs at the beginning. */
export function trimStart(s: Slice): Slice {
  let from = ptrOf(s);
  const to = from + lenOf(s);
  while (from < to && isBlank(load<u8>(from))) from++;
  return slice(from, <i32>(to - from));
}

// @ts-ignore: decorator
@inline
export function isBlank(byte: u8): bool {
  return byte == 0x20 || byte == 0x09;
}

/** The UTF-8 bytes of a literal, for a module's constant: they stay for good. */
export function literal(text: string): Slice {
  const length = String.UTF8.byteLength(text);
  const bytes = heap.alloc(<usize>length);
  String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, bytes);
  return slice(bytes, length);
}

/** Bytes that live as long as the object that holds them: UTF-8 of a configuration's string. */
export class Text {
  private bytes: ArrayBuffer;
  readonly slice: Slice;

  constructor(value: string) {
    const bytes = String.UTF8.encode(value);
    this.bytes = bytes;
    this.slice = slice(changetype<usize>(bytes), bytes.byteLength);
  }

  toString(): string {
    return String.UTF8.decode(this.bytes);
  }
}
