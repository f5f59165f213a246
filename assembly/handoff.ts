// How Envoy hears the choice: there is no call for it, so a header tells the filter or the load
// balancer that acts on it. Whatever a client sends under that name is overwritten or removed.
import { REQUEST_HEADERS, RESPONSE_HEADERS, headerValue, property, removeHeader, replaceHeader } from "./abi/host";
import { Writer } from "./abi/arena";
import { NONE, Slice, Text, lenOf } from "./abi/slice";
import { Candidates, MOST_CANDIDATES } from "./choose/candidates";
import { Servers } from "./servers/index";
import { decodeBase64 } from "./token/base64";

const UPSTREAM_ADDRESS = new Text("upstream\0address");

const writer = new Writer();

export abstract class Handoff {
  protected header: Text;

  /** The header's name is lower-case, as Envoy's are. */
  constructor(header: string) {
    this.header = new Text(header);
  }

  /** Whether it can send a retry to the same server. */
  get repeats(): bool {
    return false;
  }

  /** How many servers it can name for one request. */
  abstract get wants(): i32;

  /** Asks for the candidates, of which there is at least one; the first one `again` times more. */
  abstract ask(candidates: Candidates, servers: Servers, again: i32): void;

  /** Asks for none: what a client sent under the header's name is removed. */
  withhold(): void {
    removeHeader(REQUEST_HEADERS, this.header.slice);
  }

  /** The server that served, or -1; `asked` is the one asked for, or -1. */
  abstract served(servers: Servers, asked: i32): i32;
}

/**
 * The header of Envoy's `stateful_session` filter (header session state), which stands behind this
 * filter and lets unhealthy hosts out: base64 of `ip:port`. On the response Envoy sets the same
 * header if, and only if, another host served than the one asked for.
 */
export class StatefulSessionHandoff extends Handoff {
  get wants(): i32 {
    return 1;
  }

  ask(candidates: Candidates, servers: Servers, _again: i32): void {
    replaceHeader(REQUEST_HEADERS, this.header.slice, servers.at(candidates.at(0)).encodedAddress.slice);
  }

  served(servers: Servers, asked: i32): i32 {
    const encoded = headerValue(RESPONSE_HEADERS, this.header.slice);
    if (encoded == NONE) return asked;
    removeHeader(RESPONSE_HEADERS, this.header.slice);
    if (lenOf(encoded) == 0) return asked;
    return servers.meet(decodeBase64(encoded));
  }
}

/**
 * The header of Envoy's `override_host` load balancing policy: a list of `ip:port`, tried in order
 * by the first attempt and its retries, then the policy's fallback. Health is not looked at.
 */
export class OverrideHostHandoff extends Handoff {
  get repeats(): bool {
    return true;
  }

  get wants(): i32 {
    return MOST_CANDIDATES;
  }

  ask(candidates: Candidates, servers: Servers, again: i32): void {
    let size = 0;
    for (let i = -again; i < candidates.count; i++) size += lenOf(this.nameOf(i, candidates, servers)) + 1;
    const list = writer.begin(size);
    for (let i = -again; i < candidates.count; i++) {
      if (i > -again) list.putByte(0x2c);
      list.put(this.nameOf(i, candidates, servers));
    }
    replaceHeader(REQUEST_HEADERS, this.header.slice, list.end());
  }

  private nameOf(candidate: i32, candidates: Candidates, servers: Servers): Slice {
    return servers.at(candidates.at(max(candidate, 0))).address.slice;
  }

  served(servers: Servers, _asked: i32): i32 {
    removeHeader(RESPONSE_HEADERS, this.header.slice);
    return servers.meet(property(UPSTREAM_ADDRESS.slice));
  }
}
