import type { AbiVersion } from "../abi.js";
import { ModuleError } from "../errors.js";
import { BUFFER_CALLS } from "./buffers.js";
import { CONTEXT_CALLS } from "./contexts.js";
import { FOREIGN_FUNCTION_CALLS } from "./foreign-functions.js";
import { GRPC_CALLS } from "./grpc-calls.js";
import { HEADER_MAP_CALLS } from "./header-maps.js";
import type { HostCall } from "./host-call.js";
import { HTTP_CALL_CALLS } from "./http-calls.js";
import { LOGGING_CALLS } from "./logging.js";
import { METRIC_CALLS } from "./metrics.js";
import { PROPERTY_CALLS } from "./properties.js";
import { SHARED_DATA_CALLS } from "./shared-data.js";
import { SHARED_QUEUE_CALLS } from "./shared-queues.js";
import { STREAM_CALLS } from "./streams.js";
import { TIME_CALLS } from "./time.js";
import { WASI_CALLS } from "./wasi.js";
import { WASI_FILE_CALLS } from "./wasi-files.js";

/** Every function that a module may import: proxy-wasm/spec v0.2.1, and the rest of Envoy 1.40's host. */
export const HOST_CALLS: readonly HostCall[] = [
  ...CONTEXT_CALLS,
  ...LOGGING_CALLS,
  ...TIME_CALLS,
  ...BUFFER_CALLS,
  ...HEADER_MAP_CALLS,
  ...STREAM_CALLS,
  ...HTTP_CALL_CALLS,
  ...GRPC_CALLS,
  ...SHARED_DATA_CALLS,
  ...SHARED_QUEUE_CALLS,
  ...METRIC_CALLS,
  ...PROPERTY_CALLS,
  ...FOREIGN_FUNCTION_CALLS,
  ...WASI_CALLS,
  ...WASI_FILE_CALLS,
];

const BY_NAME = new Map(HOST_CALLS.map((row) => [`${row.module}.${row.name}`, row]));

/**
 * The row behind a module's import.
 * @throws ModuleError if there is none, or not in the module's ABI version.
 */
export function importableHostCall(module: string, name: string, kind: string, abi: AbiVersion): HostCall {
  const row = BY_NAME.get(`${module === "wasi_unstable" ? "wasi_snapshot_preview1" : module}.${name}`);
  if (row === undefined || kind !== "function") {
    throw new ModuleError(`unknown import ${module}.${name} (${kind}): expected a host function of proxy-wasm or WASI`);
  }
  if (!row.abi.includes(abi)) {
    throw new ModuleError(
      `import ${module}.${name} is of ABI ${row.abi.join(" and ")}, but the module declares ABI ${abi}`,
    );
  }
  return row;
}
