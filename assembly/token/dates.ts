// HAProxy's dates in a cookie's value: `VALUE|last[|first]`, each five Base64 digits of a 30-bit
// count of four-second units (HAProxy: http_ana.c, s30tob64 and b64tos30).
import { Slice, byteAt, lenOf } from "../abi/slice";
import { digitOf, letterOf } from "./base64";

const DATE_LENGTH: i32 = 5;
/** A date with its mark. */
export const MARKED_DATE: i32 = 1 + DATE_LENGTH;
export const DATE_MARK: u8 = 0x7c;

/** Seconds of the five digits at `from`, or 0 if they are none. */
export function readDate(text: Slice, from: i32): u32 {
  if (lenOf(text) - from < DATE_LENGTH) return 0;
  let units: u32 = 0;
  for (let i = 0; i < DATE_LENGTH; i++) {
    const digit = digitOf(byteAt(text, from + i));
    if (digit < 0) return 0;
    units = (units << 6) | (<u32>digit);
  }
  return units << 2;
}

/** The date that is written for that second: rounded up to a unit. */
export function roundDate(seconds: u32): u32 {
  return ((seconds + 3) >> 2) << 2;
}

/** Writes the mark and the five digits, rounded up to a unit, at `to`; six bytes. */
export function writeDate(to: usize, seconds: u32): void {
  const units = roundDate(seconds) >> 2;
  store<u8>(to, DATE_MARK);
  for (let i = 0; i < DATE_LENGTH; i++) {
    store<u8>(to + 1 + i, letterOf((units >> (6 * (DATE_LENGTH - 1 - i))) & 63));
  }
}
