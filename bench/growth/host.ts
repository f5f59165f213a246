/** The filter in a host that does next to nothing: one request and its response, over and over, from bytes that are ready. */
import { readFileSync } from "node:fs";
import { structBytes } from "../../host-sim/envoy-config/struct-bytes.js";
import { FILTER } from "../../scripts/build.js";
import { inProject } from "../../scripts/project.js";

const OK = 0;
const NOT_FOUND = 1;
const ROOT = 1;

interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  proxy_on_memory_allocate(size: number): number;
  proxy_on_context_create(id: number, parent: number): void;
  proxy_on_configure(id: number, size: number): number;
  proxy_on_request_headers(id: number, count: number, end: number): number;
  proxy_on_response_headers(id: number, count: number, end: number): number;
  proxy_on_delete(id: number): void;
}

export interface Guest {
  /** One request that is served by whom it asks for. */
  request(): void;
  /** The value of the hand-off header that the last request got. */
  readonly asked: string;
  /** Of its memory, in bytes. */
  readonly memory: number;
}

const module = await WebAssembly.compile(readFileSync(inProject(FILTER)));

/** A VM with that configuration, and what every request brings. Throws with the filter's words if it refuses. */
export function start(configuration: Record<string, unknown>, fields: [string, string][], handoff: string): Guest {
  const settings = structBytes(configuration);
  const pairs = serialized(fields);
  const source = Buffer.from("192.0.2.10:50123");
  const complaints: string[] = [];
  let asked = new Uint8Array(0);
  let streams = ROOT;

  const view = () => new DataView(exports.memory.buffer);
  const bytes = (at: number, size: number) => new Uint8Array(exports.memory.buffer, at >>> 0, size >>> 0);
  const text = (at: number, size: number) => Buffer.from(bytes(at, size)).toString("latin1");
  const give = (what: Uint8Array, pointerAt: number, sizeAt: number) => {
    const at = exports.proxy_on_memory_allocate(what.length);
    bytes(at, what.length).set(what);
    view().setUint32(pointerAt, at, true);
    view().setUint32(sizeAt, what.length, true);
    return OK;
  };
  const calls: Record<string, (...args: number[]) => number> = {
    proxy_log: (_level = 0, at = 0, size = 0) => complaints.push(text(at, size)) && OK,
    proxy_get_buffer_bytes: (_type, _from, _size, pointerAt = 0, sizeAt = 0) => give(settings, pointerAt, sizeAt),
    proxy_get_header_map_pairs: (_map, pointerAt = 0, sizeAt = 0) => give(pairs, pointerAt, sizeAt),
    // Of a response: who served is who was asked for, and the application sets no cookie.
    proxy_get_header_map_value: () => NOT_FOUND,
    proxy_get_property: (at = 0, size = 0, pointerAt = 0, sizeAt = 0) =>
      text(at, size) === "source\0address" ? give(source, pointerAt, sizeAt) : NOT_FOUND,
    proxy_replace_header_map_value(_map, at = 0, size = 0, value = 0, length = 0) {
      if (size === handoff.length && text(at, size) === handoff) asked = bytes(value, length).slice();
      return OK;
    },
  };
  const imports = Object.fromEntries(
    WebAssembly.Module.imports(module).map(({ name }) => [name, calls[name] ?? (() => OK)]),
  );
  const exports = new WebAssembly.Instance(module, { env: imports, wasi_snapshot_preview1: imports })
    .exports as unknown as Exports;
  exports._initialize();
  exports.proxy_on_context_create(ROOT, 0);
  if (!exports.proxy_on_configure(ROOT, settings.length)) throw new Error(complaints.join("\n"));
  return {
    request() {
      const id = ++streams;
      exports.proxy_on_context_create(id, ROOT);
      exports.proxy_on_request_headers(id, fields.length, 1);
      exports.proxy_on_response_headers(id, 3, 1);
      exports.proxy_on_delete(id);
    },
    get asked() {
      return Buffer.from(asked).toString("latin1");
    },
    get memory() {
      return exports.memory.buffer.byteLength;
    },
  };
}

/** A header map as the host hands it over (spec: serialised map). */
function serialized(fields: [string, string][]): Uint8Array {
  const parts = fields.flat().map((part) => Buffer.from(part, "latin1"));
  const sizes = new Uint32Array([fields.length, ...parts.map(({ length }) => length)]);
  return Buffer.concat([Buffer.from(sizes.buffer), ...parts.flatMap((part) => [part, Buffer.of(0)])]);
}
