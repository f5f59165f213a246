// The host calls of a sticky request with a server id in a cookie, and nothing else: nothing is read, compared
// or chosen, and all requests are handed to one server. What it costs, no filter with that job undercuts.
// Configuration: the hand-off header's value, base64 of `ip:port`.
import {
  proxy_define_metric,
  proxy_get_buffer_bytes,
  proxy_get_header_map_pairs,
  proxy_get_header_map_value,
  proxy_increment_metric,
  proxy_replace_header_map_value,
} from "@gcoredev/proxy-wasm-sdk-as/assembly/imports";

const REQUEST_HEADERS: u32 = 0;
const RESPONSE_HEADERS: u32 = 2;
const PLUGIN_CONFIGURATION: u32 = 7;
const COUNTER: u32 = 0;

const COOKIE = String.UTF8.encode("cookie");
const KEPT = String.UTF8.encode("theme=dark; lang=en");
const HAND_OFF = String.UTF8.encode("x-limpet-upstream");
const SET_COOKIE = String.UTF8.encode("set-cookie");
const STUCK = String.UTF8.encode("calls.stuck");

const out = memory.data(8, 4);
/** What one callback is given; each starts again. */
const arena = heap.alloc(64 * 1024);
let used: usize = 0;
let upstream = new ArrayBuffer(0);
let stuck: u32 = 0;

function address(bytes: ArrayBuffer): usize {
  return changetype<usize>(bytes);
}

export function proxy_abi_version_0_2_1(): void {}

export function proxy_on_memory_allocate(size: usize): usize {
  const at = arena + used;
  used += (size + 7) & ~7;
  return at;
}

export function proxy_on_configure(_id: u32, size: u32): bool {
  proxy_get_buffer_bytes(PLUGIN_CONFIGURATION, 0, size, out, out + 4);
  upstream = new ArrayBuffer(size);
  memory.copy(address(upstream), load<usize>(out), size);
  proxy_define_metric(COUNTER, address(STUCK), STUCK.byteLength, out);
  stuck = load<u32>(out);
  return true;
}

export function proxy_on_context_create(_id: u32, _parent: u32): void {}

export function proxy_on_request_headers(_id: u32, _count: u32, _end: bool): i32 {
  used = 0;
  proxy_get_header_map_pairs(REQUEST_HEADERS, out, out + 4);
  proxy_replace_header_map_value(REQUEST_HEADERS, address(COOKIE), COOKIE.byteLength, address(KEPT), KEPT.byteLength);
  const value = address(upstream);
  proxy_replace_header_map_value(REQUEST_HEADERS, address(HAND_OFF), HAND_OFF.byteLength, value, upstream.byteLength);
  return 0;
}

export function proxy_on_response_headers(_id: u32, _count: u32, _end: bool): i32 {
  used = 0;
  proxy_get_header_map_value(RESPONSE_HEADERS, address(HAND_OFF), HAND_OFF.byteLength, out, out + 4);
  proxy_get_header_map_value(RESPONSE_HEADERS, address(SET_COOKIE), SET_COOKIE.byteLength, out, out + 4);
  proxy_increment_metric(stuck, 1);
  return 0;
}

export function proxy_on_delete(_id: u32): void {}
