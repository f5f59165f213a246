// The proxy's own cookies in the request.
import { REQUEST_HEADERS, addHeader, removeHeader, replaceHeader } from "../abi/host";
import { COOKIE } from "../abi/names";
import { Slice, equal, indexOf, lenOf, part } from "../abi/slice";
import { Session } from "../abi/streams";
import { CookieCursor, PREFIX_MARK, withoutCookie, withoutPrefix } from "../identify/cookies";
import { Request } from "../request";
import { Servers } from "../servers/index";
import { Token } from "../token/token";
import { undecided } from "./carrier";

const cookies = new CookieCursor();

/** Whether the token is the cookie's value, or stands before the application's own. */
export enum Place {
  Whole,
  Prefix,
}

/** Reads every cookie of that name; true if one of them has a token. */
export function readCookies(
  request: Request,
  name: Slice,
  place: Place,
  token: Token,
  servers: Servers,
  session: Session,
): bool {
  let found = false;
  const headers = request.headers();
  while (headers.nextOf(COOKIE)) {
    cookies.start(headers.value);
    while (cookies.next()) {
      if (!equal(cookies.name, name)) continue;
      const end = place == Place.Whole ? lenOf(cookies.value) : indexOf(cookies.value, PREFIX_MARK);
      if (end < 0) continue;
      found = true;
      if (!undecided(session)) continue;
      const text = part(cookies.value, 0, end);
      token.read(text, servers, session);
      if (place == Place.Prefix && !undecided(session)) session.keep(text);
    }
  }
  return found;
}

/** Takes the tokens out of the request's Cookie lines; a line left empty disappears. */
export function hideTokens(request: Request, name: Slice, place: Place): void {
  const lines = countLines(request);
  const headers = request.headers();
  if (lines > 1) removeHeader(REQUEST_HEADERS, COOKIE);
  while (headers.nextOf(COOKIE)) {
    const line = headers.value;
    putLine(place == Place.Whole ? withoutCookie(line, name) : withoutPrefix(line, name), lines);
  }
  request.headersChanged();
}

/** Puts a changed line back: in place if it is the only one, else behind those put back before. */
function putLine(line: Slice, lines: i32): void {
  if (lines > 1) {
    if (lenOf(line) > 0) addHeader(REQUEST_HEADERS, COOKIE, line);
  } else if (lenOf(line) > 0) {
    replaceHeader(REQUEST_HEADERS, COOKIE, line);
  } else {
    removeHeader(REQUEST_HEADERS, COOKIE);
  }
}

function countLines(request: Request): i32 {
  let lines = 0;
  const headers = request.headers();
  while (headers.nextOf(COOKIE)) lines++;
  return lines;
}
