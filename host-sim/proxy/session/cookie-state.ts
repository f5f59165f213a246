import { cookieValue } from "../routing/cookies.js";
import type { Stream } from "../stream/stream.js";
import { decodeBase64, encodeBase64 } from "./base64.js";
import type { SessionState } from "./session-state.js";

/**
 * The address in a cookie (Envoy: `CookieBasedSessionState`): base64 of the protobuf message
 * `Envoy.Cookie {string address = 1; uint64 expires = 2}`, or of the bare address as older Envoys wrote it.
 */
export function cookieState(cookie: { name: string; path: string; ttlMs: number }): SessionState {
  return {
    read(stream) {
      if (!isWithin(cookie.path, stream)) return undefined;
      const value = decodeBase64(cookieValue(stream.requestHeaders, cookie.name) ?? "");
      return value === undefined ? undefined : addressIn(value, secondsNow(stream));
    },
    write(stream, served, asked) {
      if (served === asked || !isWithin(cookie.path, stream)) return;
      const seconds = Math.floor(cookie.ttlMs / 1000);
      const expires = seconds === 0 ? undefined : secondsNow(stream) + BigInt(seconds);
      const attributes = [
        `${cookie.name}="${encodeBase64(encodeCookie(served, expires))}"`,
        ...(seconds === 0 ? [] : [`Max-Age=${seconds}`]),
        ...(cookie.path === "" ? [] : [`Path=${cookie.path}`]),
        "HttpOnly",
      ];
      stream.responseHeaders!.add("set-cookie", attributes.join("; "));
    },
  };
}

function secondsNow({ runtime }: Stream): bigint {
  return runtime.clock.now() / 1_000_000_000n;
}

/** Whether the request's path is the cookie's or below it. */
function isWithin(cookiePath: string, { requestHeaders }: Stream): boolean {
  const path = requestHeaders.get(":path") ?? "";
  if (cookiePath === "" || cookiePath === "/") return true;
  if (!path.startsWith(cookiePath)) return false;
  return cookiePath.endsWith("/") || /^([/?#]|$)/.test(path.slice(cookiePath.length));
}

// The wire format (protobuf.dev/programming-guides/encoding): a tag is number << 3 | type.
const ADDRESS = String.fromCharCode((1 << 3) | 2);
const EXPIRES = String.fromCharCode((2 << 3) | 0);

function encodeCookie(address: string, expires: bigint | undefined): string {
  const text = ADDRESS + varint(BigInt(address.length)) + address;
  return expires === undefined ? text : text + EXPIRES + varint(expires);
}

function varint(value: bigint): string {
  const low = Number(value & 0x7fn);
  return value < 0x80n ? String.fromCharCode(low) : String.fromCharCode(low | 0x80) + varint(value >> 7n);
}

/** The address, unless it has expired; what is no such message is an address itself. */
function addressIn(value: string, now: bigint): string | undefined {
  const length = value.charCodeAt(1);
  if (!value.startsWith(ADDRESS) || value.length < 2 + length) return value;
  const rest = value.slice(2 + length);
  if (rest.startsWith(EXPIRES) && readVarint(rest.slice(1)) < now) return undefined;
  return value.slice(2, 2 + length);
}

function readVarint(text: string): bigint {
  let value = 0n;
  for (let index = 0; index < text.length; index++) {
    const byte = text.charCodeAt(index);
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) break;
  }
  return value;
}
