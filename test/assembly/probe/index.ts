/**
 * A filter that does what a request tells it to: the tests of the proxy run it in the simulator and
 * in a real Envoy. The request header `x-do` holds steps separated by `|`, each `PHASE STEP
 * ARGUMENTS...`; the phases are `rq` (request headers), `rqb` (request body), `rs`, `rsb` (the
 * response's), `call` (an HTTP call has been answered), `log`. The plugin's configuration is logged;
 * if it contains a `|`, it holds steps for every request. `refuse` is a configuration that is refused.
 */
import {
  proxy_add_header_map_value,
  proxy_call_foreign_function,
  proxy_continue_stream,
  proxy_get_buffer_bytes,
  proxy_get_header_map_value,
  proxy_get_property,
  proxy_http_call,
  proxy_log,
  proxy_remove_header_map_value,
  proxy_replace_header_map_value,
  proxy_send_local_response,
  proxy_set_buffer_bytes,
  proxy_set_effective_context,
  proxy_set_property,
} from "@gcoredev/proxy-wasm-sdk-as/assembly/imports";

const CONTINUE: u32 = 0;
const PAUSE: u32 = 1;
const WARN: usize = 3;

const roots = new Map<u32, string>();
const rootOf = new Map<u32, u32>();
const scripts = new Map<u32, string>();
/** Streams by the token of the HTTP call that they wait for. */
const calls = new Map<u32, u32>();
let current: u32 = 0;
let verdict: u32 = CONTINUE;

export function proxy_abi_version_0_2_1(): void {}

export function proxy_on_memory_allocate(size: usize): usize {
  return __alloc(size);
}

export function __alloc(size: usize): usize {
  return __pin(__new(size, idof<ArrayBuffer>()));
}

export function proxy_on_context_create(context: u32, root: u32): void {
  rootOf.set(context, root);
}

export function proxy_on_vm_start(_root: u32, _size: u32): u32 {
  return 1;
}

export function proxy_on_configure(root: u32, size: u32): u32 {
  const configuration = size == 0 ? "" : buffer(7, size);
  roots.set(root, configuration);
  log("configured " + configuration);
  return configuration == "refuse" ? 0 : 1;
}

export function proxy_on_request_headers(context: u32, _count: u32, end: u32): u32 {
  const root = rootOf.get(context);
  const ofRoot = roots.has(root) ? roots.get(root) : "";
  const own = header(0, "x-do");
  scripts.set(context, (ofRoot.includes("|") ? ofRoot : "") + "|" + (own == null ? "" : own));
  return run(context, "rq", end);
}

export function proxy_on_request_body(context: u32, size: u32, end: u32): u32 {
  return run(context, "rqb", end, size);
}

export function proxy_on_response_headers(context: u32, _count: u32, end: u32): u32 {
  return run(context, "rs", end);
}

export function proxy_on_response_body(context: u32, size: u32, end: u32): u32 {
  return run(context, "rsb", end, size);
}

export function proxy_on_http_call_response(_root: u32, token: u32, headers: u32, bodySize: u32, _trailers: u32): void {
  const context = calls.get(token);
  proxy_set_effective_context(context);
  const status = headers == 0 ? "none" : header(6, ":status")!;
  log("call " + status + " " + (bodySize == 0 ? "" : buffer(4, bodySize)));
  run(context, "call", 1);
}

export function proxy_on_done(root: u32): u32 {
  if (roots.has(root)) log("done " + roots.get(root));
  return 1;
}

export function proxy_on_log(context: u32): void {
  if (scripts.has(context)) run(context, "log", 1);
}

export function proxy_on_delete(context: u32): void {
  scripts.delete(context);
  roots.delete(context);
}

function run(context: u32, phase: string, end: u32, size: u32 = 0): u32 {
  current = context;
  verdict = CONTINUE;
  const steps = scripts.has(context) ? scripts.get(context).split("|") : [];
  for (let i = 0; i < steps.length; i++) {
    const words = steps[i].trim().split(" ");
    if (words.length < 2 || words[0] != phase) continue;
    step(words, end, size);
  }
  return verdict;
}

function step(words: string[], end: u32, size: u32): void {
  const name = words[1];
  const a = words.length > 2 ? words[2] : "";
  const b = words.length > 3 ? words[3] : "";
  const c = words.length > 4 ? words.slice(4).join(" ") : "";
  const rest = words.slice(3).join(" ");
  if (name == "add") status(proxy_add_header_map_value(i32(parseInt(a)), ptr(b), len(b), ptr(c), len(c)), words);
  else if (name == "set")
    status(proxy_replace_header_map_value(i32(parseInt(a)), ptr(b), len(b), ptr(c), len(c)), words);
  else if (name == "remove") status(proxy_remove_header_map_value(i32(parseInt(a)), ptr(b), len(b)), words);
  else if (name == "get") {
    const value = header(i32(parseInt(a)), b);
    log("get " + b + "=" + (value == null ? "(none)" : value));
  } else if (name == "property") property(a);
  else if (name == "setproperty") status(proxy_set_property(ptr(a), len(a), ptr(rest), len(rest)), words);
  else if (name == "end") log(words[0] + " end=" + end.toString() + " size=" + size.toString());
  else if (name == "pause") verdict = PAUSE;
  else if (name == "pauseuntilend") verdict = end != 0 ? CONTINUE : PAUSE;
  else if (name == "continue") status(proxy_continue_stream(i32(parseInt(a))), words);
  else if (name == "clear") clearRouteCache(words);
  else if (name == "body") log("body " + (size == 0 ? "" : buffer(i32(parseInt(a)), size)));
  else if (name == "setbody")
    status(proxy_set_buffer_bytes(i32(parseInt(a)), 0, 0x7fffffff, ptr(rest), len(rest)), words);
  else if (name == "setbodyatend") {
    if (end != 0) status(proxy_set_buffer_bytes(i32(parseInt(a)), 0, 0x7fffffff, ptr(rest), len(rest)), words);
  } else if (name == "reply") reply(u32(parseInt(a)), b, c);
  else if (name == "call") call(a, b);
  else if (name == "log") log(words.slice(2).join(" "));
  else if (name == "trap") unreachable();
}

function property(path: string): void {
  const bytes = Uint8Array.wrap(String.UTF8.encode(path));
  for (let i = 0; i < bytes.length; i++) if (bytes[i] == 0x2f) bytes[i] = 0;
  const at = memory.data(8);
  const result = proxy_get_property(bytes.dataStart, bytes.length, at, at + 4);
  if (result != 0) {
    log("property " + path + " status " + result.toString());
    return;
  }
  let hex = "";
  const start = load<u32>(at);
  for (let i: u32 = 0; i < load<u32>(at + 4); i++) {
    const byte = load<u8>(start + i);
    hex += (byte < 16 ? "0" : "") + byte.toString(16);
  }
  log("property " + path + " " + hex);
}

function reply(code: u32, body: string, extra: string): void {
  const pairs = extra == "" ? new ArrayBuffer(0) : onePair(extra.split("=")[0], extra.split("=")[1]);
  const details = "probe details";
  proxy_send_local_response(
    code,
    ptr(details),
    len(details),
    ptr(body),
    len(body),
    changetype<usize>(pairs),
    pairs.byteLength,
    -1,
  );
  verdict = PAUSE;
}

function call(cluster: string, path: string): void {
  const headers = pairsOf([":method", "GET", ":path", path, ":authority", "probe"]);
  const token = memory.data(4);
  const result = proxy_http_call(
    ptr(cluster),
    len(cluster),
    changetype<usize>(headers),
    headers.byteLength,
    0,
    0,
    0,
    0,
    1000,
    token,
  );
  if (result != 0) {
    log("call status " + result.toString());
    return;
  }
  calls.set(load<u32>(token), current);
  verdict = PAUSE;
}

function clearRouteCache(words: string[]): void {
  const name = "clear_route_cache";
  const at = memory.data(8);
  status(proxy_call_foreign_function(ptr(name), len(name), 0, 0, at, at + 4), words);
}

function onePair(name: string, value: string): ArrayBuffer {
  return pairsOf([name, value]);
}

function pairsOf(flat: string[]): ArrayBuffer {
  let size = 4;
  for (let i = 0; i < flat.length; i++) size += 5 + i32(len(flat[i]));
  const out = new ArrayBuffer(size);
  const start = changetype<usize>(out);
  store<u32>(start, flat.length / 2);
  let data = start + 4 + flat.length * 4;
  for (let i = 0; i < flat.length; i++) {
    const text = String.UTF8.encode(flat[i]);
    store<u32>(start + 4 + i * 4, text.byteLength);
    memory.copy(data, changetype<usize>(text), text.byteLength);
    store<u8>(data + text.byteLength, 0);
    data += text.byteLength + 1;
  }
  return out;
}

function header(map: i32, name: string): string | null {
  const at = memory.data(8);
  if (proxy_get_header_map_value(map, ptr(name), len(name), at, at + 4) != 0) return null;
  return String.UTF8.decodeUnsafe(load<u32>(at), load<u32>(at + 4));
}

function buffer(kind: i32, size: u32): string {
  const at = memory.data(8);
  if (proxy_get_buffer_bytes(kind, 0, size, at, at + 4) != 0) return "(none)";
  return String.UTF8.decodeUnsafe(load<u32>(at), load<u32>(at + 4));
}

function status(result: u32, words: string[]): void {
  if (result != 0) log(words.join(" ") + " status " + result.toString());
}

/** At `warn`, which every engine shows, and recognisable among an engine's own lines. */
function log(message: string): void {
  const line = "probe> " + message;
  proxy_log(WARN, ptr(line), len(line));
}

/** The text's UTF-8 bytes; they stay, a test's filter need not free. */
function ptr(text: string): usize {
  const bytes = String.UTF8.encode(text);
  return __pin(changetype<usize>(bytes));
}

function len(text: string): usize {
  return String.UTF8.byteLength(text);
}
