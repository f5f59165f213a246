/** Scripts that run on a real Envoy and in this host: both must give the same results. */
import { serialisePairs } from "../../../host-sim/wasm-host/pairs.js";
import { call, cell, returned, type Script, type Step, text } from "../guest.js";
import { OUTSIDE } from "../harness.js";
import { WASI_ANSWERS } from "../wasi-answers.js";

export interface AgreementCase {
  name: string;
  script: Script;
}

/** What the filter sees of the client's request and the backend's answer; Envoy adds `x-forwarded-proto`. */
export const REQUEST_HEADERS: [string, string][] = [
  [":authority", "h"],
  [":path", "/p"],
  [":method", "POST"],
  [":scheme", "http"],
  ["cookie", "a=1"],
  ["cookie", "b=2"],
  ["x-forwarded-proto", "http"],
];
export const REQUEST_BODY = "hello";
export const REQUEST_TRAILERS: [string, string][] = [["x-t", "tv"]];
export const RESPONSE_HEADERS: [string, string][] = [
  [":status", "200"],
  ["set-cookie", "a"],
  ["set-cookie", "b"],
];
export const RESPONSE_BODY = "world";
export const RESPONSE_TRAILERS: [string, string][] = [["x-rt", "rv"]];

const REQUEST = 0;
const RESPONSE = 2;
const add = (map: number, name: string, value: string) =>
  call("proxy_add_header_map_value", map, text(name), text(value));
const replace = (map: number, name: string, value: string) =>
  call("proxy_replace_header_map_value", map, text(name), text(value));
const remove = (map: number, name: string) => call("proxy_remove_header_map_value", map, text(name));
const get = (map: number, name: string) => call("proxy_get_header_map_value", map, text(name), returned());
const pairs = (map: number) => call("proxy_get_header_map_pairs", map, returned());
const property = (...path: string[]) => call("proxy_get_property", text(path.join("\0")), returned());
const setProperty = (path: string, value: string) => call("proxy_set_property", text(path), text(value));
const body = (buffer: number, start: number, size: number) =>
  call("proxy_get_buffer_bytes", buffer, start, size, returned());
const setBody = (buffer: number, start: number, size: number, value: string) =>
  call("proxy_set_buffer_bytes", buffer, start, size, text(value));
const foreign = (name: string, argument: string) =>
  call("proxy_call_foreign_function", text(name), text(argument), returned());

/** Every map and buffer, read and written. */
const everyMap: Step[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, -1].flatMap((map) => [get(map, "absent"), pairs(map)]);
const everyMapWritten: Step[] = [1, 3, 4, 5, 6, 7, 8, -1].flatMap((map) => [
  add(map, "x", "y"),
  replace(map, "x", "y"),
  remove(map, "x"),
  call("proxy_get_header_map_size", map, cell()),
]);
const everyBuffer: Step[] = [0, 1, 2, 3, 4, 5, 6, 7, 9, -1].flatMap((buffer) => [
  body(buffer, 0, 9),
  call("proxy_get_buffer_status", buffer, cell(), cell()),
]);

/** Names of which some are joined in a request, some in a response, some never. */
const NAMES = [
  ...["accept", "accept-encoding", "accept-language", "access-control-allow-origin", "age", "allow", "authorization"],
  ...["cache-control", "connection", "content-encoding", "content-language", "content-type", "cookie", "date", "etag"],
  ...["expect", "expires", "forwarded", "from", "grpc-message", "grpc-status", "if-match", "if-range", "keep-alive"],
  ...[
    "last-modified",
    "link",
    "location",
    "origin",
    "pragma",
    "range",
    "referer",
    "retry-after",
    "server",
    "set-cookie",
  ],
  ...["te", "trailer", "upgrade", "user-agent", "vary", "via", "warning", "x-client-trace-id", "x-envoy-attempt-count"],
  ...["x-envoy-original-path", "x-envoy-upstream-service-time", "x-forwarded-for", "x-forwarded-host", "x-real-ip"],
  ...["x-request-id", "x-envoy-upstream-canary", "x-nothing"],
];
const joined = (map: number): Step[] =>
  NAMES.flatMap((name) => [
    remove(map, name),
    add(map, name, "1"),
    add(map, name, "2"),
    get(map, name),
    remove(map, name),
  ]);

const headerMaps: Step[] = [
  add(REQUEST, "x-a", "1"),
  add(REQUEST, "X-A", "2"),
  add(REQUEST, "x-b", "b"),
  replace(REQUEST, "x-a", "3"),
  pairs(REQUEST),
  get(REQUEST, "host"),
  get(REQUEST, "Cookie"),
  call("proxy_get_header_map_size", REQUEST, cell()),
  ...["", "x", "", "y"].flatMap((value) => [add(REQUEST, "via", value), get(REQUEST, "via")]),
  add(REQUEST, "", "v"),
  get(REQUEST, ""),
  remove(REQUEST, ""),
  add(REQUEST, "x-hi", "\xe9\xff"),
  get(REQUEST, "x-hi"),
  add(REQUEST, "\xc9", "v"),
  get(REQUEST, "\xe9"),
  get(REQUEST, "\xc9"),
  remove(REQUEST, "\xc9"),
  add(REQUEST, ":zz", "v"),
  pairs(REQUEST),
  remove(REQUEST, ":zz"),
  get(REQUEST, "absent"),
  call("proxy_get_header_map_value", REQUEST, OUTSIDE, 1, returned()),
  call("proxy_get_header_map_value", REQUEST, text("absent"), OUTSIDE, OUTSIDE),
  call("proxy_get_header_map_value", REQUEST, text("cookie"), OUTSIDE, OUTSIDE),
  call("proxy_get_header_map_value", 8, OUTSIDE, 1, returned()),
  call("proxy_set_header_map_pairs", REQUEST, text("\x01\0\0\0garbage")),
  pairs(REQUEST),
  call("proxy_set_header_map_pairs", REQUEST, text(serialisePairs([["X-Z", "1"], ...REQUEST_HEADERS]))),
  pairs(REQUEST),
  ...everyMap,
  ...everyMapWritten,
];

const PLUGIN_PROPERTIES = [property("plugin_name"), property("plugin_root_id"), property("plugin_vm_id")];

const root: Step[] = [
  ...PLUGIN_PROPERTIES,
  property("request", "path"),
  property(""),
  property("nope"),
  setProperty("x", "y"),
  ...everyMap,
  ...everyMapWritten,
  add(REQUEST, "x", "y"),
  ...everyBuffer,
  ...[0, 1, 2, 3, 4, -1].flatMap((type) => [call("proxy_continue_stream", type), call("proxy_close_stream", type)]),
  call("proxy_send_local_response", 200, text("d"), text("b"), text(""), -1),
  call("proxy_done"),
  ...[0, 1, 99].map((id) => call("proxy_set_effective_context", id)),
  call("proxy_get_status", cell(), returned()),
  call("proxy_log", 6, text("x")),
  call("proxy_log", 0, OUTSIDE, 1),
  foreign("nope", ""),
  foreign("clear_route_cache", ""),
  call("proxy_call_foreign_function", text("clear_route_cache"), text(""), 0, 0),
  foreign("uncompress", "bad"),
  call("proxy_call_foreign_function", text("compress"), text("aaaa"), OUTSIDE, OUTSIDE),
];

const stores: Step[] = [
  call("proxy_get_shared_data", text("k"), returned(), cell()),
  ...[7, 7, 1, 0].flatMap((cas, index) => [
    call("proxy_set_shared_data", text("k"), text(`v${index}`), cas),
    call("proxy_get_shared_data", text("k"), returned(), cell()),
  ]),
  call("proxy_get_shared_data", text("k"), OUTSIDE, OUTSIDE, cell()),
  call("proxy_get_shared_data", text("k"), returned(), OUTSIDE),
  ...["q", "q", "q2"].map((name) => call("proxy_register_shared_queue", text(name), cell())),
  ...["", "vm", "other"].map((vm) => call("proxy_resolve_shared_queue", text(vm), text("q"), cell())),
  ...[1, 9, 0].map((queue) => call("proxy_dequeue_shared_queue", queue, returned())),
  ...["a", "", "b"].map((item) => call("proxy_enqueue_shared_queue", 1, text(item))),
  call("proxy_enqueue_shared_queue", 9, text("a")),
  call("proxy_dequeue_shared_queue", 1, OUTSIDE, OUTSIDE),
  ...Array<Step>(3).fill(call("proxy_dequeue_shared_queue", 1, returned())),
  ...[0, 1, 2, 0, 3].map((kind) => call("proxy_define_metric", kind, text("m"), cell())),
  call("proxy_define_metric", 0, text("m"), OUTSIDE),
  call("proxy_define_metric", 0, text("m"), cell()),
  ...[4, 5, 6, 400, 401, 402, 403].flatMap((id) => [
    ...[5n, 0n, -7n].map((offset) => call("proxy_increment_metric", id, offset)),
    call("proxy_get_metric", id, cell(8)),
    call("proxy_record_metric", id, 10n),
    call("proxy_get_metric", id, cell(8)),
  ]),
];

const bodies = (buffer: number): Step[] => [
  ...(
    [
      [0, 100],
      [1, 2],
      [5, 2],
      [6, 2],
      [1, -1],
      [-1, -1],
    ] as const
  ).map(([at, size]) => body(buffer, at, size)),
  call("proxy_get_buffer_status", buffer, cell(), cell()),
  setBody(buffer, 0, 0, "<"),
  setBody(buffer, -1, 0, ">"),
  body(buffer, 0, 100),
  setBody(buffer, 2, 1, "X"),
  setBody(buffer, 0, 2, "YZ"),
  setBody(buffer, 7, 1, "!"),
  body(buffer, 0, 100),
  setBody(buffer, 0, 1000, "new"),
  body(buffer, 0, 100),
  ...everyMap,
];

export const CASES: AgreementCase[] = [
  { name: "header maps", script: { callbacks: { proxy_on_request_headers: { steps: headerMaps } } } },
  {
    name: "fields that occur once",
    script: {
      callbacks: {
        proxy_on_request_headers: { steps: joined(REQUEST) },
        proxy_on_response_headers: { steps: joined(RESPONSE) },
      },
    },
  },
  { name: "outside of a stream", script: { callbacks: { proxy_on_configure: { steps: root, returns: 1 } } } },
  {
    name: "bodies and trailers",
    script: {
      callbacks: {
        proxy_on_request_headers: { steps: everyBuffer },
        proxy_on_request_body: { steps: bodies(0) },
        proxy_on_request_trailers: { steps: [pairs(1), get(1, "x-t"), pairs(0), body(0, 0, 9)] },
        proxy_on_response_headers: { steps: [get(2, ":status"), pairs(0), body(0, 0, 9)] },
        proxy_on_response_body: { steps: bodies(1) },
        proxy_on_response_trailers: { steps: [pairs(3), replace(3, "x-rt", "2"), pairs(3), get(2, ":status")] },
      },
    },
  },
  {
    name: "the end of a stream",
    script: {
      callbacks: {
        proxy_on_response_headers: { steps: [remove(RESPONSE, "x-envoy-upstream-service-time")] },
        proxy_on_log: { steps: [get(0, ":path"), get(2, ":status"), pairs(3), ...everyMapWritten, call("proxy_done")] },
        proxy_on_done: { steps: [...PLUGIN_PROPERTIES, ...everyMap, call("proxy_done")], returns: 0 },
        proxy_on_delete: { steps: [...PLUGIN_PROPERTIES, ...everyMap] },
      },
    },
  },
  {
    name: "properties",
    script: {
      callbacks: {
        proxy_on_request_headers: {
          steps: [
            ...PLUGIN_PROPERTIES,
            property("plugin_name", "x"),
            property(""),
            property("", ""),
            setProperty("x", "y"),
            property("x"),
            property("x", ""),
            property("x", "z"),
            setProperty("x", ""),
            property("x"),
            call("proxy_get_property", OUTSIDE, 3, returned()),
            call("proxy_get_property", text("plugin_name"), OUTSIDE, OUTSIDE),
            call("proxy_get_property", text("nope"), OUTSIDE, OUTSIDE),
            call("proxy_set_property", text("x"), OUTSIDE, 3),
          ],
        },
      },
    },
  },
  {
    name: "WASI",
    script: {
      callbacks: {
        proxy_on_request_headers: {
          steps: [
            ...WASI_ANSWERS.map(([step]) => step),
            call("environ_sizes_get", cell(), cell()),
            call("environ_sizes_get", OUTSIDE, cell()),
            call("args_sizes_get", cell(), cell()),
            call("args_sizes_get", cell(), OUTSIDE),
            call("args_get", OUTSIDE, OUTSIDE),
            call("clock_time_get", 2, 0n, OUTSIDE),
            call("random_get", OUTSIDE, 65537),
            call("random_get", OUTSIDE, 0),
            call("random_get", OUTSIDE, 1),
            call("fd_write", 3, OUTSIDE, 1, cell()),
            call("fd_write", 1, OUTSIDE, 1, cell()),
            call("fd_write", 1, 0, 0, cell()),
            call("proc_exit", 3),
            call("pthread_equal", 1, 1),
            call("pthread_equal", 1, 2),
            call("emscripten_notify_memory_growth", 0),
          ],
        },
      },
    },
  },
  { name: "stores and metrics", script: { callbacks: { proxy_on_request_headers: { steps: stores } } } },
  {
    name: "an allocator that gives nothing",
    script: {
      allocator: "zero",
      callbacks: {
        proxy_on_request_headers: { steps: [get(0, ":path"), pairs(0), property("plugin_name"), body(6, 0, 9)] },
      },
    },
  },
];
