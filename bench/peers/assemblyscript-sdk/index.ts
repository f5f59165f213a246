// What `pin: {cookie: {value: server_id}}` does, on the AssemblyScript SDK's runtime: the peer of bench/.
// Configuration: `COOKIE ID=ip:port ID=ip:port ...`.
export * from "@gcoredev/proxy-wasm-sdk-as/assembly/proxy";

import {
  Context,
  Counter,
  FilterHeadersStatusValues,
  RootContext,
  registerRootContext,
  stream_context,
} from "@gcoredev/proxy-wasm-sdk-as/assembly";

const HAND_OFF = "x-limpet-upstream";
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

class Root extends RootContext {
  cookie: string = "";
  /** Base64 of the address, by id. */
  upstreams: Map<string, string> = new Map();
  /** Id, by base64 of the address. */
  ids: Map<string, string> = new Map();
  stuck: Counter = new Counter("sticky.stuck");
  placed: Counter = new Counter("sticky.placed");
  moved: Counter = new Counter("sticky.moved");

  onConfigure(size: u32): bool {
    super.onConfigure(size);
    const words = this.getConfiguration().split(" ");
    this.cookie = words[0];
    for (let i = 1; i < words.length; i++) {
      const parts = words[i].split("=");
      const upstream = base64(parts[1]);
      this.upstreams.set(parts[0], upstream);
      this.ids.set(upstream, parts[0]);
    }
    return true;
  }

  createContext(id: u32): Context {
    return new Sticky(id, this);
  }
}

class Sticky extends Context {
  private asked: bool = false;

  constructor(
    id: u32,
    private root: Root,
  ) {
    super(id, root);
  }

  onRequestHeaders(_count: u32, _end: bool): FilterHeadersStatusValues {
    const headers = stream_context.headers.request;
    let upstream = "";
    const cookies = headers.get("cookie");
    if (cookies.length > 0) {
      const pairs = cookies.split(";");
      const kept: string[] = [];
      for (let i = 0; i < pairs.length; i++) {
        const pair = pairs[i].trim();
        const equals = pair.indexOf("=");
        if (equals > 0 && pair.substring(0, equals) == this.root.cookie) {
          const id = pair.substring(equals + 1);
          if (this.root.upstreams.has(id)) upstream = this.root.upstreams.get(id);
        } else {
          kept.push(pair);
        }
      }
      // The application does not get the proxy's cookie.
      if (kept.length == 0) headers.remove("cookie");
      else if (kept.length < pairs.length) headers.replace("cookie", kept.join("; "));
    }
    this.asked = upstream.length > 0;
    if (this.asked) headers.replace(HAND_OFF, upstream);
    else headers.remove(HAND_OFF);
    return FilterHeadersStatusValues.Continue;
  }

  onResponseHeaders(_count: u32, _end: bool): FilterHeadersStatusValues {
    const headers = stream_context.headers.response;
    const upstream = headers.get(HAND_OFF);
    if (upstream.length == 0) {
      if (this.asked) this.root.stuck.increment(1);
      else this.root.placed.increment(1);
      return FilterHeadersStatusValues.Continue;
    }
    headers.remove(HAND_OFF);
    if (this.root.ids.has(upstream)) {
      headers.add("set-cookie", `${this.root.cookie}=${this.root.ids.get(upstream)}; Path=/; HttpOnly; SameSite=Lax`);
      headers.replace("cache-control", "private");
    }
    if (this.asked) this.root.moved.increment(1);
    else this.root.placed.increment(1);
    return FilterHeadersStatusValues.Continue;
  }
}

function base64(text: string): string {
  const bytes = Uint8Array.wrap(String.UTF8.encode(text));
  let encoded = "";
  for (let i = 0; i < bytes.length; i += 3) {
    let bits: u32 = 0;
    for (let j = 0; j < 3; j++) bits = (bits << 8) | (i + j < bytes.length ? bytes[i + j] : 0);
    for (let j = 0; j < 4; j++) encoded += i + j > bytes.length ? "=" : DIGITS.charAt((bits >> (18 - 6 * j)) & 63);
  }
  return encoded;
}

registerRootContext((id: u32) => new Root(id), "sticky");
