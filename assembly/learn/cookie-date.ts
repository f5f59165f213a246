// The date of a cookie's `Expires`: `Thu, 01 Jan 1970 00:00:00 GMT`, or with hyphens, or a year of two digits.
import { Slice, byteAt, equalIgnoringCase, lenOf, literal, part } from "../abi/slice";

const MONTHS: Slice = literal("JanFebMarAprMayJunJulAugSepOctNovDec");

/** Days since the Unix epoch; -1 if it is no such date. The time of day is not read. */
export function cookieDay(text: Slice): i32 {
  let at = 0;
  while (at < lenOf(text) && !isDigit(byteAt(text, at))) at++;
  const day = numberAt(text, at);
  at += isDigit(byteAt(text, at + 1)) ? 3 : 2;
  if (at + 6 > lenOf(text)) return -1;
  let month = 11;
  while (month >= 0 && !equalIgnoringCase(part(text, at, at + 3), part(MONTHS, month * 3, month * 3 + 3))) month--;
  let year = numberAt(text, at + 4);
  if (year < 100) year += year < 70 ? 2000 : 1900;
  if (month < 0 || year < 1970) return -1;
  // Days of a civil date (Howard Hinnant, chrono-compatible low-level date algorithms), years from March.
  if (month < 2) year--;
  return 365 * year + year / 4 - year / 100 + year / 400 + (153 * ((month + 10) % 12) + 2) / 5 + day - 719469;
}

function isDigit(byte: u8): bool {
  return byte - 0x30 < 10;
}

/** At most four digits. */
function numberAt(text: Slice, at: i32): i32 {
  let number = 0;
  for (const end = min(at + 4, lenOf(text)); at < end && isDigit(byteAt(text, at)); at++) {
    number = number * 10 + <i32>byteAt(text, at) - 0x30;
  }
  return number;
}
