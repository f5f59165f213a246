// Base64url without padding (RFC 4648 §5, §3.2): nothing in it needs quoting in a cookie, a header or
// a URI.
import { Slice } from "../abi/slice";
import { decodeDigits, encodeDigits } from "./base64";

const MINUS: u8 = 0x2d;
const UNDERSCORE: u8 = 0x5f;

/** The text of the bytes, in the arena. */
export function encodeBase64Url(bytes: Slice): Slice {
  return encodeDigits(bytes, MINUS, UNDERSCORE);
}

/** The bytes of a text that `encodeBase64Url` could have written, in the arena; NONE for any other. */
export function decodeBase64Url(text: Slice): Slice {
  return decodeDigits(text, MINUS, UNDERSCORE);
}
