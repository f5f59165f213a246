// Base64 (RFC 4648 §4), as Envoy's stateful_session writes and reads an address; and what base64url
// has in common with it.
import { alloc } from "../abi/arena";
import { NONE, Slice, byteAt, lenOf, part, slice, textOf } from "../abi/slice";

/** The two digits in which the alphabets differ. */
const PLUS: u8 = 0x2b;
const SLASH: u8 = 0x2f;
const PAD: u8 = 0x3d;

/** The padded text of the bytes; for the configuration, since it allocates. */
export function encodeBase64(bytes: Slice): string {
  const digits = encodeDigits(bytes, PLUS, SLASH);
  const padding = "=".repeat((4 - (lenOf(digits) & 3)) & 3);
  return textOf(digits) + padding;
}

/** The bytes of a padded or unpadded text, in the arena; NONE if it is not Base64. */
export function decodeBase64(text: Slice): Slice {
  let length = lenOf(text);
  while (length > 0 && length > lenOf(text) - 2 && byteAt(text, length - 1) == PAD) length--;
  return decodeDigits(part(text, 0, length), PLUS, SLASH);
}

/** Six bits a digit, the last one filled up with zeros; in the arena, without padding. */
export function encodeDigits(bytes: Slice, digit62: u8, digit63: u8): Slice {
  const out = alloc((lenOf(bytes) * 8 + 5) / 6);
  let size = 0;
  let bits: u32 = 0;
  let held = 0;
  for (let i = 0; i < lenOf(bytes); i++) {
    bits = (bits << 8) | byteAt(bytes, i);
    for (held += 8; held >= 6; size++) {
      held -= 6;
      store<u8>(out + size, letterOf((bits >> held) & 63, digit62, digit63));
    }
  }
  if (held > 0) store<u8>(out + size++, letterOf((bits << (6 - held)) & 63, digit62, digit63));
  return slice(out, size);
}

/** The bytes of digits as `encodeDigits` writes them, in the arena; NONE for any other text. */
export function decodeDigits(text: Slice, digit62: u8, digit63: u8): Slice {
  const length = lenOf(text);
  if (length % 4 == 1) return NONE;
  const out = alloc((length * 6) / 8);
  let size = 0;
  let bits: u32 = 0;
  let held = 0;
  for (let i = 0; i < length; i++) {
    const value = digitOf(byteAt(text, i), digit62, digit63);
    if (value < 0) return NONE;
    bits = (bits << 6) | value;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    store<u8>(out + size++, <u8>(bits >> held));
  }
  // A text of its own for each run of bytes: nothing may hide in the bits left over.
  return (bits & ((1 << held) - 1)) == 0 ? slice(out, size) : NONE;
}

/** The digit of a value below 64. */
export function letterOf(value: u32, digit62: u8 = PLUS, digit63: u8 = SLASH): u8 {
  if (value < 26) return <u8>(0x41 + value);
  if (value < 52) return <u8>(0x61 + value - 26);
  if (value < 62) return <u8>(0x30 + value - 52);
  return value == 62 ? digit62 : digit63;
}

/** The value of a digit, or -1. */
export function digitOf(byte: u8, digit62: u8 = PLUS, digit63: u8 = SLASH): i32 {
  const letter = <u8>((byte | 0x20) - 0x61);
  if (letter < 26) return letter + (byte & 0x20 ? 26 : 0);
  const figure = <u8>(byte - 0x30);
  if (figure < 10) return figure + 52;
  if (byte == digit62) return 62;
  return byte == digit63 ? 63 : -1;
}
