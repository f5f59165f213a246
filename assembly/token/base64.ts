// Base64 (RFC 4648 §4), as Envoy's stateful_session writes and reads an address.
import { alloc } from "../abi/arena";
import { NONE, Slice, byteAt, lenOf, ptrOf, slice } from "../abi/slice";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The padded text of the bytes; for the configuration, since it allocates. */
export function encodeBase64(bytes: Slice): string {
  let text = "";
  for (let i = 0; i < lenOf(bytes); i += 3) {
    const left = lenOf(bytes) - i;
    const group =
      ((<u32>byteAt(bytes, i)) << 16) |
      (left > 1 ? (<u32>byteAt(bytes, i + 1)) << 8 : 0) |
      (left > 2 ? <u32>byteAt(bytes, i + 2) : 0);
    text += ALPHABET.charAt(group >> 18) + ALPHABET.charAt((group >> 12) & 63);
    text += left > 1 ? ALPHABET.charAt((group >> 6) & 63) : "=";
    text += left > 2 ? ALPHABET.charAt(group & 63) : "=";
  }
  return text;
}

/** The bytes of a padded or unpadded text, in the arena; NONE if it is not Base64. */
export function decodeBase64(text: Slice): Slice {
  let length = lenOf(text);
  while (length > 0 && length > lenOf(text) - 2 && byteAt(text, length - 1) == 0x3d) length--;
  if (length % 4 == 1) return NONE;
  const out = alloc(<usize>(length * 3) / 4 + 1);
  let size = 0;
  let bits: u32 = 0;
  for (let i = 0; i < length; i++) {
    const digit = digitOf(byteAt(text, i));
    if (digit < 0) return NONE;
    bits = (bits << 6) | (<u32>digit);
    if (i % 4 == 0) continue;
    store<u8>(out + size++, <u8>(bits >> (6 - 2 * (i % 4))));
  }
  return slice(out, size);
}

function digitOf(byte: u8): i32 {
  if (byte >= 0x41 && byte <= 0x5a) return byte - 0x41;
  if (byte >= 0x61 && byte <= 0x7a) return byte - 0x61 + 26;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30 + 52;
  if (byte == 0x2b) return 62;
  return byte == 0x2f ? 63 : -1;
}
