// Set-Cookie: written strictly (RFC 6265bis §4.1), in HAProxy's order and spelling.
import { Writer } from "../abi/arena";
import { property } from "../abi/host";
import { Slice, Text, equal, indexOf, lenOf, part, trim } from "../abi/slice";
import { Served } from "./served";

/** When the `Secure` attribute is written. */
export enum Secure {
  /** If the request came by https. */
  Auto,
  Always,
  Never,
}

const SET_COOKIE = new Text("set-cookie");
const SCHEME = new Text("request\0scheme");
const HTTPS = new Text("https");

const writer = new Writer();

/** A cookie with its attributes; only the value is new each time. */
export class SetCookie {
  readonly name: Text;
  private start: Text;
  private attributes: Text;
  private secureAttributes: Text;

  constructor(
    name: string,
    /** The attributes before and behind the place of `Secure`, each with `; ` in front. */
    before: string,
    behind: string,
    private secure: Secure,
  ) {
    this.name = new Text(name);
    this.start = new Text(`${name}=`);
    this.attributes = new Text(before + behind);
    this.secureAttributes = new Text(`${before}; Secure${behind}`);
  }

  /** Adds the cookie behind the response's other headers. */
  write(served: Served, value: Slice): void {
    const start = this.start.slice;
    const attributes = (this.isSecure() ? this.secureAttributes : this.attributes).slice;
    const line = writer.begin(lenOf(start) + lenOf(value) + lenOf(attributes));
    served.add(SET_COOKIE.slice, line.put(start).put(value).put(attributes).end());
  }

  private isSecure(): bool {
    if (this.secure != Secure.Auto) return this.secure == Secure.Always;
    return equal(property(SCHEME.slice), HTTPS.slice);
  }
}

/** Removes the Set-Cookie lines of that name; the others stay in order. */
export function dropSetCookie(served: Served, name: Slice): void {
  if (!served.has(SET_COOKIE.slice)) return;
  const headers = served.headers();
  let found = false;
  while (headers.next()) found = found || sets(headers.name, headers.value, name);
  if (!found) return;
  const rest = served.headers();
  served.remove(SET_COOKIE.slice);
  while (rest.next()) {
    if (equal(rest.name, SET_COOKIE.slice) && !sets(rest.name, rest.value, name)) {
      served.add(SET_COOKIE.slice, rest.value);
    }
  }
}

function sets(header: Slice, value: Slice, name: Slice): bool {
  if (!equal(header, SET_COOKIE.slice)) return false;
  const equals = indexOf(value, 0x3d);
  return equals >= 0 && equal(trim(part(value, 0, equals)), name);
}
