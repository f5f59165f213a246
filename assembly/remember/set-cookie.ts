// Set-Cookie: written strictly (RFC 6265bis §4.1), in HAProxy's order and spelling.
import { Writer } from "../abi/arena";
import { nowSeconds } from "../abi/host";
import { Slice, Text, equal, indexOf, lenOf, literal, part, trim } from "../abi/slice";
import { PREFIX_MARK } from "../identify/cookies";
import { HTTP_DATE_LENGTH, writeHttpDate } from "./http-date";
import { understandsSameSiteNone } from "./same-site";
import { Request } from "../request";
import { Served } from "./served";

/** Facts of a request that its response depends on. */
export enum Noted {
  Secure = 1,
  SameSiteNone = 2,
  Post = 4,
}

/** When the `Secure` attribute is written. */
export enum Secure {
  /** If the request came by https. */
  Auto,
  Always,
  Never,
}

export const SET_COOKIE: Slice = literal("set-cookie");
const SCHEME: Slice = literal(":scheme");
const HTTPS: Slice = literal("https");
const USER_AGENT: Slice = literal("user-agent");
const EMPTY: Slice = literal("");
const EXPIRES: Slice = literal("; Expires=");
const SECURE: Slice = literal("; Secure");
const SAME_SITE_NONE: Slice = literal("; SameSite=None");

const writer = new Writer();

/** A cookie with its attributes; the value, the dates and `auto` attributes are new each time. */
export class SetCookie {
  readonly name: Text;
  private start: Text;
  private before: Text;
  private ended: Text;
  private behind: Text;

  constructor(
    name: string,
    /** The attributes before and behind the place of `Secure`, each with `; ` in front. */
    before: string,
    /** Those before it of a cookie that ends. */
    ended: string,
    behind: string,
    private secure: Secure,
    /** Seconds for an `Expires` beside `Max-Age`; 0 for none. */
    private expires: u32,
    /** `SameSite=None` where the client understands it and the cookie is secure, else none. */
    private autoSameSite: bool,
  ) {
    this.name = new Text(name);
    this.start = new Text(`${name}=`);
    this.before = new Text(before);
    this.ended = new Text(ended);
    this.behind = new Text(behind);
  }

  /** What the cookie's `auto` attributes depend on, as bits of `Noted`: read while the request is there. */
  note(request: Request): i32 {
    if (this.secure == Secure.Never || (this.secure == Secure.Always && !this.autoSameSite)) return 0;
    const secure = this.secure == Secure.Always || equal(request.header(SCHEME), HTTPS);
    const compatible = this.autoSameSite && understandsSameSiteNone(request.header(USER_AGENT));
    return (secure ? Noted.Secure : 0) | (compatible ? Noted.SameSiteNone : 0);
  }

  /** Adds the cookie behind the response's other headers. */
  write(served: Served, value: Slice, noted: i32): void {
    this.put(served, value, this.before.slice, this.expires > 0 ? nowSeconds() + this.expires : 0, noted);
  }

  /** Takes the cookie from the client. */
  expire(served: Served, noted: i32): void {
    this.put(served, EMPTY, this.ended.slice, 0, noted);
  }

  private put(served: Served, value: Slice, before: Slice, date: u32, noted: i32): void {
    const secure = this.secure == Secure.Always || (noted & Noted.Secure) != 0;
    const sameSite = secure && (noted & Noted.SameSiteNone) != 0;
    const room = SECURE_ROOM + HTTP_DATE_LENGTH + lenOf(this.start.slice) + lenOf(before);
    const line = writer.begin(room + lenOf(this.behind.slice) + lenOf(value));
    line.put(this.start.slice).put(value).put(before);
    if (this.expires > 0) writeHttpDate(line.put(EXPIRES), date);
    if (secure) line.put(SECURE);
    if (sameSite) line.put(SAME_SITE_NONE);
    served.add(SET_COOKIE, line.put(this.behind.slice).end());
  }
}

/** Room for everything that is written only sometimes. */
const SECURE_ROOM: i32 = 40;

/** True if a Set-Cookie line sets the cookie of that name. */
function sets(value: Slice, name: Slice): bool {
  const equals = indexOf(value, 0x3d);
  return equals >= 0 && equal(trim(part(value, 0, equals)), name);
}

/** True if the response sets the cookie of that name. */
export function setsCookie(served: Served, name: Slice): bool {
  if (!served.has(SET_COOKIE)) return false;
  const headers = served.headers();
  while (headers.nextOf(SET_COOKIE)) if (sets(headers.value, name)) return true;
  return false;
}

/**
 * Puts `token` into each Set-Cookie of that name: in the value's stead, or before it with a `~`
 * between them; attributes and the other lines stay as they are, and in order.
 */
export function putToken(served: Served, name: Slice, token: Slice, before: bool): void {
  const headers = served.headers();
  served.remove(SET_COOKIE);
  while (headers.nextOf(SET_COOKIE)) {
    const line = headers.value;
    if (!sets(line, name)) {
      served.add(SET_COOKIE, line);
      continue;
    }
    const value = indexOf(line, 0x3d) + 1;
    const semicolon = indexOf(line, 0x3b, value);
    const rest = before ? value : semicolon < 0 ? lenOf(line) : semicolon;
    const changed = writer.begin(lenOf(line) + lenOf(token) + 1);
    changed.put(part(line, 0, value)).put(token);
    if (before) changed.putByte(PREFIX_MARK);
    served.add(SET_COOKIE, changed.put(part(line, rest, lenOf(line))).end());
  }
}

/** Removes the Set-Cookie lines of that name; the others stay in order. */
export function dropSetCookie(served: Served, name: Slice): void {
  if (!setsCookie(served, name)) return;
  const headers = served.headers();
  served.remove(SET_COOKIE);
  while (headers.nextOf(SET_COOKIE)) if (!sets(headers.value, name)) served.add(SET_COOKIE, headers.value);
}
