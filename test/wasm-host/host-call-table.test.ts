import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { HOST_CALLS } from "../../host-sim/wasm-host/host-calls/table.js";
import { WASI_FILE_CALLS } from "../../host-sim/wasm-host/host-calls/wasi-files.js";

/** "Functions exposed by the host" of proxy-wasm/spec abi-versions/v0.2.1, in its order; i = i32, l = i64. */
const SPECIFIED = {
  "env.proxy_done": "()i",
  "env.proxy_set_effective_context": "(i)i",
  "env.proxy_log": "(iii)i",
  "wasi_snapshot_preview1.fd_write": "(iiii)i",
  "env.proxy_get_log_level": "(i)i",
  "env.proxy_get_current_time_nanoseconds": "(i)i",
  "wasi_snapshot_preview1.clock_time_get": "(ili)i",
  "env.proxy_set_tick_period_milliseconds": "(i)i",
  "wasi_snapshot_preview1.random_get": "(ii)i",
  "wasi_snapshot_preview1.environ_sizes_get": "(ii)i",
  "wasi_snapshot_preview1.environ_get": "(ii)i",
  "env.proxy_set_buffer_bytes": "(iiiii)i",
  "env.proxy_get_buffer_bytes": "(iiiii)i",
  "env.proxy_get_buffer_status": "(iii)i",
  "env.proxy_get_header_map_size": "(ii)i",
  "env.proxy_get_header_map_pairs": "(iii)i",
  "env.proxy_set_header_map_pairs": "(iii)i",
  "env.proxy_get_header_map_value": "(iiiii)i",
  "env.proxy_add_header_map_value": "(iiiii)i",
  "env.proxy_replace_header_map_value": "(iiiii)i",
  "env.proxy_remove_header_map_value": "(iii)i",
  "env.proxy_continue_stream": "(i)i",
  "env.proxy_close_stream": "(i)i",
  "env.proxy_get_status": "(iii)i",
  "env.proxy_send_local_response": "(iiiiiiii)i",
  "env.proxy_http_call": "(iiiiiiiiii)i",
  "env.proxy_grpc_call": "(iiiiiiiiiiii)i",
  "env.proxy_grpc_stream": "(iiiiiiiii)i",
  "env.proxy_grpc_send": "(iiii)i",
  "env.proxy_grpc_cancel": "(i)i",
  "env.proxy_grpc_close": "(i)i",
  "env.proxy_set_shared_data": "(iiiii)i",
  "env.proxy_get_shared_data": "(iiiii)i",
  "env.proxy_register_shared_queue": "(iii)i",
  "env.proxy_resolve_shared_queue": "(iiiii)i",
  "env.proxy_enqueue_shared_queue": "(iii)i",
  "env.proxy_dequeue_shared_queue": "(iii)i",
  "env.proxy_define_metric": "(iiii)i",
  "env.proxy_record_metric": "(il)i",
  "env.proxy_increment_metric": "(il)i",
  "env.proxy_get_metric": "(ii)i",
  "env.proxy_get_property": "(iiii)i",
  "env.proxy_set_property": "(iiii)i",
  "env.proxy_call_foreign_function": "(iiiiii)i",
  "wasi_snapshot_preview1.args_sizes_get": "(ii)i",
  "wasi_snapshot_preview1.args_get": "(ii)i",
  "wasi_snapshot_preview1.proc_exit": "(i)",
};

test("the table has exactly the specification's functions, with their types", () => {
  const rows = HOST_CALLS.filter(({ specified }) => specified);
  expect(Object.fromEntries(rows.map(({ module, name, signature }) => [`${module}.${name}`, signature]))).toEqual(
    SPECIFIED,
  );
  expect(rows).toHaveLength(Object.keys(SPECIFIED).length);
});

test("no name stands in two rows", () => {
  const names = HOST_CALLS.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});

test("each row has its test file, and each test file its row; WASI's files share one", () => {
  const shared = new Set(WASI_FILE_CALLS);
  const expected = HOST_CALLS.filter((row) => !shared.has(row)).map(({ name }) => `${name}.test.ts`);
  const files = readdirSync(new URL("host-calls", import.meta.url));
  expect(files.sort()).toEqual([...expected, "wasi-files.test.ts"].sort());
});

test("a row that is not implemented says so", () => {
  for (const { name, call, note } of HOST_CALLS) {
    if (call === undefined) expect(note, name).toMatch(/^traps/);
  }
});
