// The calls to the host (proxy-wasm ABI 0.2.1), in the shape that the filter wants them. Nothing
// else in the filter calls the host. A call that returns bytes makes the host re-enter the VM to
// allocate them, which costs several times one that returns none: both kinds say so.
import {
  proxy_add_header_map_value,
  proxy_call_foreign_function,
  proxy_continue_stream,
  proxy_define_metric,
  proxy_get_buffer_bytes,
  proxy_get_header_map_pairs,
  proxy_get_current_time_nanoseconds,
  proxy_get_header_map_value,
  proxy_get_metric,
  proxy_get_property,
  proxy_increment_metric,
  proxy_log,
  proxy_record_metric,
  proxy_remove_header_map_value,
  proxy_replace_header_map_value,
  proxy_send_local_response,
  proxy_set_effective_context,
  proxy_set_property,
  proxy_set_tick_period_milliseconds,
} from "@gcoredev/proxy-wasm-sdk-as/assembly/imports";
import { NONE, Slice, Text, lenOf, literal, ptrOf, slice } from "./slice";

/** Header maps (spec: proxy_map_type_t). */
export const REQUEST_HEADERS: i32 = 0;
export const RESPONSE_HEADERS: i32 = 2;

/** What a headers callback returns (spec: proxy_action_t). */
export const CONTINUE: i32 = 0;
export const PAUSE: i32 = 1;

const OK: u32 = 0;
/** Spec: proxy_stream_type_t. */
const REQUEST: i32 = 0;
const HTTP_CALL_RESPONSE_HEADERS: i32 = 6;
const HTTP_CALL_RESPONSE_BODY: i32 = 4;
const PLUGIN_CONFIGURATION: i32 = 7;
const COUNTER: i32 = 0;
const GAUGE: i32 = 1;

const NO_GRPC_STATUS: i32 = -1;

const LOG_TRACE: usize = 0;
const LOG_WARN: usize = 3;
const LOG_ERROR: usize = 4;

const CLEAR_ROUTE_CACHE: Slice = literal("clear_route_cache");

// Where the host writes what a call returns: pointer, then size.
const out: usize = memory.data(8, 4);
const number: usize = memory.data(8, 8);

/** What a call returned; an empty value, for which the host need not allocate, is there all the same. */
function returned(status: u32): Slice {
  if (status != OK) return NONE;
  const ptr = load<usize>(out);
  return slice(ptr == 0 ? out : ptr, load<i32>(out, 4));
}

/** The first header of that name, or NONE (returns bytes only if it is there). */
export function headerValue(map: i32, name: Slice): Slice {
  return returned(proxy_get_header_map_value(map, ptrOf(name), lenOf(name), out, out + 4));
}

/** All headers, serialised as `headers.ts` reads them, or NONE (returns bytes). */
export function headerPairs(map: i32): Slice {
  return returned(proxy_get_header_map_pairs(map, out, out + 4));
}

/** Sets the first header of that name, or adds it. */
export function replaceHeader(map: i32, name: Slice, value: Slice): void {
  proxy_replace_header_map_value(map, ptrOf(name), lenOf(name), ptrOf(value), lenOf(value));
}

/** Adds one more header line. */
export function addHeader(map: i32, name: Slice, value: Slice): void {
  proxy_add_header_map_value(map, ptrOf(name), lenOf(name), ptrOf(value), lenOf(value));
}

/** Removes every header of that name. */
export function removeHeader(map: i32, name: Slice): void {
  proxy_remove_header_map_value(map, ptrOf(name), lenOf(name));
}

/** Answers the request in the upstream's stead; `details` stand in the access log. Then return PAUSE. */
export function localResponse(status: i32, details: Slice, body: Slice, headers: Slice): void {
  proxy_send_local_response(
    status,
    ptrOf(details),
    lenOf(details),
    ptrOf(body),
    lenOf(body),
    ptrOf(headers),
    lenOf(headers),
    NO_GRPC_STATUS,
  );
}

/** Lets the host choose the route again, by the headers as they are now (Envoy's `clear_route_cache`). */
export function clearRouteCache(): void {
  const name = CLEAR_ROUTE_CACHE;
  proxy_call_foreign_function(ptrOf(name), lenOf(name), 0, 0, out, out + 4);
}

/** An attribute of the request; path segments are separated by a NUL byte. NONE if absent (returns bytes). */
export function property(path: Slice): Slice {
  return returned(proxy_get_property(ptrOf(path), lenOf(path), out, out + 4));
}

/** Sets a property of the stream, which Envoy keeps as the filter state `wasm.NAME`. */
export function setProperty(path: Slice, value: Slice): void {
  proxy_set_property(ptrOf(path), lenOf(path), ptrOf(value), lenOf(value));
}

/** Milliseconds since the Unix epoch. */
export function nowMilliseconds(): u64 {
  proxy_get_current_time_nanoseconds(number);
  return load<u64>(number) / 1000000;
}

/** Until this callback ends, calls to the host are about that stream; false if there is no such stream any more. */
export function turnTo(stream: u32): bool {
  return proxy_set_effective_context(stream) == OK;
}

/** Lets the request of the stream at hand go on that was paused. */
export function continueRequest(): void {
  proxy_continue_stream(REQUEST);
}

/** Seconds since the Unix epoch. */
export function nowSeconds(): u32 {
  return <u32>(nowMilliseconds() / 1000);
}

/** Lets the host call `proxy_on_tick` in this period from now on; 0 is never. Only in a root context's own callbacks. */
export function setTickPeriod(milliseconds: u32): void {
  proxy_set_tick_period_milliseconds(milliseconds);
}

/** The first header of that name of an HTTP call's answer, or NONE (returns bytes only if it is there). */
export function answerHeader(name: Slice): Slice {
  return headerValue(HTTP_CALL_RESPONSE_HEADERS, name);
}

/** At most `size` bytes from `start` of the body of an HTTP call's answer, or NONE (returns bytes). */
export function answerBody(start: i32, size: i32): Slice {
  return returned(proxy_get_buffer_bytes(HTTP_CALL_RESPONSE_BODY, start, size, out, out + 4));
}

/** The plugin's configuration (returns bytes). */
export function configuration(size: i32): Slice {
  return returned(proxy_get_buffer_bytes(PLUGIN_CONFIGURATION, 0, size, out, out + 4));
}

/** Defines, or finds, the counter of that name; seen as `wasmcustom.NAME` in Envoy's stats. */
export function counter(name: string): u32 {
  return metric(COUNTER, name);
}

function metric(type: i32, name: string): u32 {
  const text = new Text(name);
  proxy_define_metric(type, ptrOf(text.slice), lenOf(text.slice), out);
  return load<u32>(out);
}

/** Defines, or finds, the gauge of that name: one number for all workers. */
export function gauge(name: string): u32 {
  return metric(GAUGE, name);
}

/** The metric's value. */
export function gaugeValue(metric: u32): u64 {
  proxy_get_metric(metric, number);
  return load<u64>(number);
}

/** Sets a gauge. */
export function setMetric(metric: u32, value: u64): void {
  proxy_record_metric(metric, value);
}

export function increment(metric: u32, by: i64 = 1): void {
  proxy_increment_metric(metric, by);
}

export function logError(message: string): void {
  log(LOG_ERROR, message);
}

export function logTrace(message: string): void {
  log(LOG_TRACE, message);
}

export function logWarning(message: string): void {
  log(LOG_WARN, message);
}

function log(level: usize, message: string): void {
  const text = new Text(message);
  proxy_log(level, ptrOf(text.slice), lenOf(text.slice));
}
