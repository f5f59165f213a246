// The date of an `Expires` attribute (RFC 9110 §5.6.7: IMF-fixdate).
import { Writer } from "../abi/arena";
import { Slice, literal, part } from "../abi/slice";

export const HTTP_DATE_LENGTH: i32 = 29;

const DAYS: Slice = literal("Thu, Fri, Sat, Sun, Mon, Tue, Wed, ");
const MONTHS: Slice = literal(" Jan  Feb  Mar  Apr  May  Jun  Jul  Aug  Sep  Oct  Nov  Dec ");
const GMT: Slice = literal(" GMT");

/** Writes the 29 characters of the date, say `Sun, 06 Nov 1994 08:49:37 GMT`. */
export function writeHttpDate(to: Writer, seconds: u32): void {
  const days = seconds / 86400;
  const weekday = <i32>(days % 7) * 5;
  // Civil date of a day count (Howard Hinnant, chrono-compatible low-level date algorithms), years from March.
  const shifted = days + 719468;
  const dayOfEra = shifted % 146097;
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const monthFromMarch = (5 * dayOfYear + 2) / 153;
  const month = monthFromMarch < 10 ? monthFromMarch + 2 : monthFromMarch - 10;
  const year = yearOfEra + (shifted / 146097) * 400 + (month < 2 ? 1 : 0);
  to.put(part(DAYS, weekday, weekday + 5));
  putTwo(to, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1);
  to.put(part(MONTHS, <i32>month * 5, <i32>month * 5 + 5));
  putTwo(to, year / 100);
  putTwo(to, year % 100);
  to.putByte(0x20);
  putTwo(to, (seconds / 3600) % 24);
  to.putByte(0x3a);
  putTwo(to, (seconds / 60) % 60);
  to.putByte(0x3a);
  putTwo(to, seconds % 60);
  to.put(GMT);
}

function putTwo(to: Writer, number: u32): void {
  to.putByte(<u8>(0x30 + number / 10)).putByte(<u8>(0x30 + (number % 10)));
}
