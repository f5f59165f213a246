// Who served the request, and the response's headers for the rules that write into them.
import {
  RESPONSE_HEADERS,
  addHeader,
  headerPairs,
  headerValue,
  property,
  removeHeader,
  replaceHeader,
} from "../abi/host";
import { HeaderCursor } from "../abi/headers";
import { NONE, Slice, equal, literal } from "../abi/slice";

const CODE_DETAILS: Slice = literal("response\0code_details");
const VIA_UPSTREAM: Slice = literal("via_upstream");

export class Served {
  /** The server, or -1: none of those known, or none at all. */
  server: i32 = -1;
  private asked: bool = false;
  private viaUpstream: bool = false;
  private cursor: HeaderCursor = new HeaderCursor();

  /** Forgets the response before this one. */
  reset(): void {
    this.server = -1;
    this.asked = false;
  }

  /** True if an upstream answered, false if Envoy did in its stead (returns bytes, once). */
  get answered(): bool {
    if (!this.asked) this.viaUpstream = equal(property(CODE_DETAILS), VIA_UPSTREAM);
    this.asked = true;
    return this.viaUpstream;
  }

  /** The response's header fields from the first (returns bytes). */
  headers(): HeaderCursor {
    return this.cursor.start(headerPairs(RESPONSE_HEADERS));
  }

  /** The first value of the field, or NONE (returns bytes only if it is there). */
  value(name: Slice): Slice {
    return headerValue(RESPONSE_HEADERS, name);
  }

  has(name: Slice): bool {
    return this.value(name) != NONE;
  }

  replace(name: Slice, value: Slice): void {
    replaceHeader(RESPONSE_HEADERS, name, value);
  }

  add(name: Slice, value: Slice): void {
    addHeader(RESPONSE_HEADERS, name, value);
  }

  remove(name: Slice): void {
    removeHeader(RESPONSE_HEADERS, name);
  }
}
