/** Numbers of the proxy-wasm ABI (proxy-wasm/spec v0.2.1 §Types) and the limits of Envoy's host. */

import type { LogLevel, StreamDirection } from "./types.js";

/** `proxy_status_t`: what a host call returns; 5, 9 and 11 are in Envoy's host, not in the specification. */
export const Status = {
  OK: 0,
  NOT_FOUND: 1,
  BAD_ARGUMENT: 2,
  SERIALIZATION_FAILURE: 3,
  PARSE_FAILURE: 4,
  INVALID_MEMORY_ACCESS: 6,
  EMPTY: 7,
  CAS_MISMATCH: 8,
  INTERNAL_FAILURE: 10,
  BROKEN_CONNECTION: 11,
  UNIMPLEMENTED: 12,
} as const;

/** `wasi_errno_t`, as far as Envoy's host uses it. */
export const Errno = {
  SUCCESS: 0,
  BADF: 8,
  FAULT: 21,
  INVAL: 28,
  NOENT: 44,
  NOSYS: 52,
  NOTDIR: 20,
  NOTSUP: 58,
} as const;

/** `proxy_map_type_t`. */
export const MapType = {
  REQUEST_HEADERS: 0,
  REQUEST_TRAILERS: 1,
  RESPONSE_HEADERS: 2,
  RESPONSE_TRAILERS: 3,
  GRPC_INITIAL_METADATA: 4,
  GRPC_TRAILING_METADATA: 5,
  HTTP_CALL_RESPONSE_HEADERS: 6,
  HTTP_CALL_RESPONSE_TRAILERS: 7,
} as const;
export const LAST_MAP_TYPE = MapType.HTTP_CALL_RESPONSE_TRAILERS;

/** `proxy_buffer_type_t`. */
export const BufferType = {
  REQUEST_BODY: 0,
  RESPONSE_BODY: 1,
  DOWNSTREAM_DATA: 2,
  UPSTREAM_DATA: 3,
  HTTP_CALL_RESPONSE_BODY: 4,
  GRPC_MESSAGE: 5,
  VM_CONFIGURATION: 6,
  PLUGIN_CONFIGURATION: 7,
  FOREIGN_FUNCTION_ARGUMENTS: 8,
} as const;
export const LAST_BUFFER_TYPE = BufferType.FOREIGN_FUNCTION_ARGUMENTS;

/** `proxy_stream_type_t`: 0 and 1 are the HTTP directions, 2 and 3 a TCP stream's. */
export const STREAM_DIRECTIONS: readonly StreamDirection[] = ["request", "response"];
export const LAST_STREAM_TYPE = 3;
export const UPSTREAM = 3;

/** `proxy_log_level_t` by number. */
export const LOG_LEVELS: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error", "critical"];

/** What a module may declare by exporting `proxy_abi_version_*`. */
export const ABI_VERSIONS = ["0.1.0", "0.2.0", "0.2.1"] as const;
export type AbiVersion = (typeof ABI_VERSIONS)[number];

/** Limits of Envoy's host (proxy-wasm-cpp-host limits.h). */
export const MAX_RANDOM_BYTES = 64 * 1024;
export const MAX_PAIRS_BYTES = 1024 * 1024;
export const MAX_PAIRS = 1024;
