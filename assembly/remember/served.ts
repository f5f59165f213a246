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
import { NONE, Slice, endsWith, equal, literal, startsWith } from "../abi/slice";
import { Told } from "./told";

const CODE_DETAILS: Slice = literal("response\0code_details");
const VIA_UPSTREAM: Slice = literal("via_upstream");
const NO_HEALTHY: Slice = literal("no_healthy_upstream");
const UPSTREAM: Slice = literal("upstream_");
const RESET: Slice = literal("upstream_reset");
const OVERFLOW: Slice = literal("{overflow}");

export class Served {
  /** The server, or -1: none of those known, or none at all. */
  server: i32 = -1;
  /** What the application says of the session: a server's index, or a `Told`. */
  told: i32 = Told.Nothing;
  private details: Slice = NONE;
  private pairs: Slice = NONE;
  private cursor: HeaderCursor = new HeaderCursor();

  /** Forgets the response before this one. */
  reset(): void {
    this.server = -1;
    this.told = Told.Nothing;
    this.details = NONE;
    this.pairs = NONE;
  }

  /** True if an upstream answered, false if Envoy did in its stead (returns bytes, once). */
  get answered(): bool {
    return equal(this.codeDetails, VIA_UPSTREAM);
  }

  /** True if Envoy answered because the server that it tried last did not; a full circuit breaker is not the server's fault. */
  get failed(): bool {
    const details = this.codeDetails;
    return !endsWith(details, OVERFLOW) && (this.unreached || startsWith(details, UPSTREAM));
  }

  /** True if Envoy answered because it could not reach the server, or lost it before it answered; one that is slow was reached. */
  get unreached(): bool {
    const details = this.codeDetails;
    return equal(details, NO_HEALTHY) || startsWith(details, RESET);
  }

  private get codeDetails(): Slice {
    if (this.details == NONE) this.details = property(CODE_DETAILS);
    return this.details;
  }

  /** The response's header fields from the first (returns bytes, where nothing has kept them); one walk at a time. */
  headers(): HeaderCursor {
    if (this.pairs == NONE) this.pairs = headerPairs(RESPONSE_HEADERS);
    return this.cursor.start(this.pairs);
  }

  /** The first value of the field, or NONE (returns bytes only if it is there). */
  value(name: Slice): Slice {
    return headerValue(RESPONSE_HEADERS, name);
  }

  has(name: Slice): bool {
    return this.value(name) != NONE;
  }

  replace(name: Slice, value: Slice): void {
    this.pairs = NONE;
    replaceHeader(RESPONSE_HEADERS, name, value);
  }

  add(name: Slice, value: Slice): void {
    this.pairs = NONE;
    addHeader(RESPONSE_HEADERS, name, value);
  }

  remove(name: Slice): void {
    this.pairs = NONE;
    removeHeader(RESPONSE_HEADERS, name);
  }
}
