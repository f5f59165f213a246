// The Cookie header, read as servers should (RFC 6265bis §5.6.3, and leniently: any spacing) and
// rewritten without one cookie. Names are exact, quotes belong to the value, every `;` separates.
import { Writer } from "../abi/arena";
import {
  NONE,
  Slice,
  byteAt,
  equal,
  indexOf,
  lenOf,
  part,
  ptrOf,
  slice,
  startsWith,
  trim,
  trimStart,
} from "../abi/slice";

/** Walks the cookies of one Cookie line in order. */
export class CookieCursor {
  private line: Slice = NONE;
  private at: i32 = 0;
  /** The cookie with its blanks, without its separator. */
  segment: Slice = NONE;
  name: Slice = NONE;
  private equals: i32 = -1;

  start(line: Slice): this {
    this.line = line;
    this.at = 0;
    return this;
  }

  next(): bool {
    if (this.at > lenOf(this.line)) return false;
    const line = this.line;
    const semicolon = indexOf(line, 0x3b, this.at);
    const end = semicolon < 0 ? lenOf(line) : semicolon;
    const segment = part(line, this.at, end);
    const equals = indexOf(segment, 0x3d);
    this.segment = segment;
    this.at = end + 1;
    // Without `=` it is the value of a cookie that has no name (RFC 6265bis §5.6.3).
    this.name = trim(part(segment, 0, max(equals, 0)));
    this.equals = equals;
    return true;
  }

  get value(): Slice {
    return trim(part(this.segment, this.equals + 1, lenOf(this.segment)));
  }

  /**
   * The value, if the cookie has that name; NONE if not. With `isPrefix` its name only begins so, and
   * the rest of the name is before the value: `XY=Z` of `SIDXY=Z` (HAProxy `appsession SID ... prefix`).
   */
  valueOf(name: Slice, isPrefix: bool): Slice {
    if (!isPrefix) return equal(this.name, name) ? this.value : NONE;
    if (!startsWith(this.name, name)) return NONE;
    const at = ptrOf(this.name) + lenOf(name);
    return slice(at, <i32>(ptrOf(this.value) - at) + lenOf(this.value));
  }
}

/** Between a token and the application's own value (HAProxy `prefix`). */
export const PREFIX_MARK: u8 = 0x7e;

const cursor = new CookieCursor();
const writer = new Writer();

/**
 * The line without the cookies of that name and the `$` attributes (RFC 2965) behind them; the
 * others stay byte for byte. Where something was cut out, `; ` separates (as HAProxy does). An empty
 * slice means that no cookie is left.
 */
export function withoutCookie(line: Slice, name: Slice): Slice {
  const out = writer.begin(lenOf(line) + 2);
  // What is kept and stands together is copied at once.
  let from: usize = 0;
  let to: usize = 0;
  let cut = false;
  let first = true;
  cursor.start(line);
  while (cursor.next()) {
    if (equal(cursor.name, name)) {
      if (from != 0) out.put(slice(from, <i32>(to - from)));
      from = 0;
      cut = true;
      continue;
    }
    let kept = cursor.segment;
    if (cut) {
      kept = trimStart(kept);
      if (lenOf(kept) == 0 || byteAt(kept, 0) == 0x24) continue;
      if (!first) out.put(SEPARATOR);
      cut = false;
    }
    if (from == 0) from = ptrOf(kept);
    to = ptrOf(kept) + lenOf(kept);
    first = false;
  }
  if (from != 0) out.put(slice(from, <i32>(to - from)));
  const rest = out.end();
  return lenOf(trim(rest)) > 0 ? rest : part(rest, 0, 0);
}

/** The line with each value of that name cut up to and including its first `~` (HAProxy `prefix`). */
export function withoutPrefix(line: Slice, name: Slice): Slice {
  const out = writer.begin(lenOf(line));
  let first = true;
  cursor.start(line);
  while (cursor.next()) {
    if (!first) out.putByte(0x3b);
    first = false;
    const segment = cursor.segment;
    const mark = equal(cursor.name, name) ? indexOf(cursor.value, PREFIX_MARK) : -1;
    if (mark < 0) {
      out.put(segment);
    } else {
      const value = <i32>(ptrOf(cursor.value) - ptrOf(segment));
      out.put(part(segment, 0, value)).put(part(segment, value + mark + 1, lenOf(segment)));
    }
  }
  return out.end();
}

const SEPARATOR = slice(memory.data<u8>([0x3b, 0x20]), 2);
