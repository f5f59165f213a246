// Where a response tells the id of a session that its server has created, or that it has ended.
import { nowSeconds } from "../abi/host";
import { NONE, Slice, Text, byteAt, equalIgnoringCase, lenOf, literal, part } from "../abi/slice";
import { CookieCursor } from "../identify/cookies";
import { Served } from "../remember/served";
import { SET_COOKIE } from "../remember/set-cookie";
import { cookieDay } from "./cookie-date";

const MAX_AGE: Slice = literal("Max-Age");
const EXPIRES: Slice = literal("Expires");

const DAY: u32 = 86400;

const cookie = new CookieCursor();

export enum CreationKind {
  Cookie,
  Header,
  /** Every cookie whose name begins so: see `valueOf`. */
  CookiePrefix,
}

/** A cookie that the application sets, or a response header. */
export class Creation {
  constructor(
    private kind: CreationKind,
    /** A header's is lower-case, as Envoy's are. */
    private name: Text,
  ) {}

  /** The session's id; an empty slice where the client's session has ended; NONE where the response tells nothing. */
  read(served: Served): Slice {
    if (this.kind != CreationKind.Header) return this.readCookie(served);
    const value = served.value(this.name.slice);
    return lenOf(value) > 0 ? value : NONE;
  }

  /** Of several lines that set the cookie the last counts, as it does for clients. */
  private readCookie(served: Served): Slice {
    let id: Slice = NONE;
    if (!served.has(SET_COOKIE)) return id;
    const headers = served.headers();
    while (headers.nextOf(SET_COOKIE)) {
      cookie.start(headers.value).next();
      const value = cookie.valueOf(this.name.slice, this.kind == CreationKind.CookiePrefix);
      if (value != NONE) id = lenOf(cookie.value) == 0 || hasEnded() ? part(value, 0, 0) : value;
    }
    return id;
  }
}

/** True if the attributes behind the cursor end the cookie: `Max-Age` comes before `Expires` (RFC 6265bis §5.7). */
function hasEnded(): bool {
  let ended = false;
  let maxAge = false;
  while (cookie.next()) {
    const value = cookie.value;
    if (equalIgnoringCase(cookie.name, MAX_AGE)) {
      maxAge = lenOf(value) > 0;
      // Zero, or less: nobody writes zeros in front of a number.
      ended = maxAge && byteAt(value, 0) <= 0x30;
    } else if (!maxAge && equalIgnoringCase(cookie.name, EXPIRES)) {
      // To the day: a cookie that ends today is left alone.
      const day = cookieDay(value);
      ended = day >= 0 && <u32>day < nowSeconds() / DAY;
    }
  }
  return ended;
}
