/**
 * Guests for tests: a filter written as a list of host calls for each callback. It logs what each
 * call returned, so the same module runs in this host and in Envoy, and both logs can be compared.
 */
import wabtFactory from "wabt";

const wabt = await wabtFactory();

/** Bytes, or a string with one char a byte. */
export type Bytes = string | Uint8Array;

/** One argument of a host call; a number is an i32, a bigint an i64. */
export type Arg =
  | number
  | bigint
  | { kind: "text" | "data"; bytes: Uint8Array }
  | { kind: "iovec"; parts: Uint8Array[] }
  | { kind: "returned" }
  | { kind: "cell"; size: number }
  | { kind: "param"; index: number };

export type Step =
  | { kind: "call"; module: string; name: string; args: Arg[]; result: boolean }
  | { kind: "when"; param: number; equals: number; steps: Step[] }
  | { kind: "wat"; source: string };

export interface Script {
  /** The `proxy_abi_version_*` exports, 0.2.1 by default. */
  abi?: string[];
  allocator?: "bump" | "zero" | "trap" | "grow" | "out of bounds" | "none";
  /** The allocator's export: Envoy looks for `malloc` first. */
  allocatorName?: string;
  callbacks: Record<string, Callback>;
  /** Further WebAssembly text at module level. */
  extra?: string;
}

export interface Callback {
  steps: Step[];
  /** The result, for callbacks that have one: an i32, or WebAssembly text. */
  returns?: number | string;
}

/** Pointer and size of the bytes (two arguments). */
export const text = (bytes: Bytes): Arg => ({ kind: "text", bytes: toBytes(bytes) });
/** Pointer to the bytes (one argument). */
export const data = (bytes: Bytes): Arg => ({ kind: "data", bytes: toBytes(bytes) });
/** Pointer to and count of WASI's scatter list (two arguments). */
export const iovec = (...parts: Bytes[]): Arg => ({ kind: "iovec", parts: parts.map(toBytes) });
/** Where the host puts a pointer and a size (two arguments); the bytes there are logged. */
export const returned = (): Arg => ({ kind: "returned" });
/** Pointer to `size` bytes of 0xEE that the host may write; they are logged (one argument). */
export const cell = (size = 4): Arg => ({ kind: "cell", size });
/** The callback's parameter. */
export const param = (index: number): Arg => ({ kind: "param", index });

/** A host call; `wasi_snapshot_preview1` is found by name, others by a prefix `module:`. */
export function call(name: string, ...args: Arg[]): Step {
  const [module, plain] = name.includes(":")
    ? (name.split(":") as [string, string])
    : [/^(proxy|envoy|pthread|emscripten)_/.test(name) ? "env" : "wasi_snapshot_preview1", name];
  const result = plain !== "proc_exit" && plain !== "emscripten_notify_memory_growth";
  return { kind: "call", module, name: plain, args, result };
}
/** Steps for one value of a parameter, e.g. for one context. */
export const when = (index: number, equals: number, ...steps: Step[]): Step => ({
  kind: "when",
  param: index,
  equals,
  steps,
});
export const wat = (source: string): Step => ({ kind: "wat", source });
export const trap = (): Step => wat("(unreachable)");

/** Callbacks by number of parameters, and whether they return a number. */
const CALLBACKS: Record<string, [params: number, result: boolean]> = {
  _initialize: [0, false],
  _start: [0, false],
  main: [2, true],
  proxy_on_vm_start: [2, true],
  proxy_on_configure: [2, true],
  proxy_on_context_create: [2, false],
  proxy_on_tick: [1, false],
  proxy_on_request_headers: [3, true],
  proxy_on_request_body: [3, true],
  proxy_on_request_trailers: [2, true],
  proxy_on_response_headers: [3, true],
  proxy_on_response_body: [3, true],
  proxy_on_response_trailers: [2, true],
  proxy_on_http_call_response: [5, false],
  proxy_on_queue_ready: [2, false],
  proxy_on_done: [1, true],
  proxy_on_log: [1, false],
  proxy_on_delete: [1, false],
};

const CELLS = 0;
const CELLS_SIZE = 65536;
const DATA = 65536;
const LOG_BUFFER = 4 * 65536;
const HEAP = 12 * 65536;

const ALLOCATORS = {
  bump: `(local $p i32) (local.set $p (global.get $heap))
    (global.set $heap (i32.and (i32.add (i32.add (global.get $heap) (local.get $size)) (i32.const 7)) (i32.const -8)))
    (if (i32.gt_u (global.get $heap) (i32.mul (memory.size) (i32.const 65536))) (then
      (drop (memory.grow (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 1))))))
    (local.get $p)`,
  zero: "(i32.const 0)",
  trap: "(unreachable)",
  grow: `(i32.mul (memory.grow (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 1))) (i32.const 65536))`,
  "out of bounds": "(i32.const 0x7ffffff0)",
  none: "",
};

/** Compiles a script to a module's bytes. */
export function guest(script: Script): Uint8Array {
  const writer = new GuestWriter();
  const { allocator = "bump", allocatorName = "proxy_on_memory_allocate" } = script;
  const functions = Object.entries(script.callbacks).map(([name, callback]) => writer.callback(name, callback));
  const source = `(module
    ${writer.imports()}
    (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
    (memory (export "memory") ${HEAP / 65536 + 1})
    (global $heap (mut i32) (i32.const ${HEAP})) (global $end (mut i32) (i32.const ${LOG_BUFFER}))
    ${(script.abi ?? ["0.2.1"]).map((v) => `(func (export "proxy_abi_version_${v.replaceAll(".", "_")}"))`).join("\n")}
    ${allocator === "none" ? "" : `(func $allocate (export "${allocatorName}") (param $size i32) (result i32) ${ALLOCATORS[allocator]})`}
    ${LOGGING}
    ${functions.join("\n")}
    ${writer.segments()}
    ${script.extra ?? ""})`;
  return compileWat(source);
}

/** Compiles WebAssembly text, with a name section. */
export function compileWat(source: string): Uint8Array {
  const module = wabt.parseWat("guest.wat", source);
  try {
    return module.toBinary({ write_debug_names: true }).buffer;
  } finally {
    module.destroy();
  }
}

/** Builds a line `LABEL STATUS [HEX ...]` and logs it at info. */
const LOGGING = `
  (func $byte (param $b i32) (i32.store8 (global.get $end) (local.get $b))
    (global.set $end (i32.add (global.get $end) (i32.const 1))))
  (func $digit (param $d i32) (call $byte (i32.add (local.get $d)
    (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $d) (i32.const 10))))))
  (func $hex (param $b i32) (call $digit (i32.shr_u (local.get $b) (i32.const 4)))
    (call $digit (i32.and (local.get $b) (i32.const 15))))
  (func $dump (param $p i32) (param $n i32) (call $byte (i32.const 32))
    (if (i32.eqz (local.get $n)) (then (call $byte (i32.const 45))))
    (block $done (loop $next (br_if $done (i32.eqz (local.get $n)))
      (call $hex (i32.load8_u (local.get $p)))
      (local.set $p (i32.add (local.get $p) (i32.const 1))) (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br $next))))
  (func $begin (param $p i32) (param $n i32) (param $status i32) (global.set $end (i32.const ${LOG_BUFFER}))
    (memory.copy (global.get $end) (local.get $p) (local.get $n))
    (global.set $end (i32.add (global.get $end) (local.get $n)))
    (call $byte (i32.const 32)) (call $hex (local.get $status)))
  (func $flush (drop (call $log (i32.const 2) (i32.const ${LOG_BUFFER})
    (i32.sub (global.get $end) (i32.const ${LOG_BUFFER})))))`;

class GuestWriter {
  readonly #imports = new Map<string, string>();
  readonly #segments: string[] = [];
  #nextData = DATA;
  #nextCell = CELLS + 16;

  callback(name: string, { steps, returns = 0 }: Callback): string {
    const [params, result] = CALLBACKS[name] ?? fail(`no such callback: ${name}`);
    let index = 0;
    const compile = (list: Step[]): string =>
      list.map((step) => this.#step(step, `${name}.${index++}`, compile)).join("\n");
    const body = compile(steps);
    const value = typeof returns === "number" ? `(i32.const ${returns})` : returns;
    return `(func $${name} (export "${name}") ${"(param i32)".repeat(params)} ${result ? "(result i32)" : ""}
      (local $s i32) ${body} ${result ? value : ""})`;
  }

  imports(): string {
    return [...this.#imports.values()].join("\n");
  }

  segments(): string {
    return this.#segments.join("\n");
  }

  #step(step: Step, label: string, compile: (steps: Step[]) => string): string {
    if (step.kind === "wat") return step.source;
    if (step.kind === "when") {
      return `(if (i32.eq (local.get ${step.param}) (i32.const ${step.equals})) (then ${compile(step.steps)}))`;
    }
    const values: string[] = [];
    const types: string[] = [];
    const before: string[] = [];
    const after: string[] = [];
    for (const arg of step.args) {
      const { operands, fill, dump } = this.#argument(arg);
      for (const operand of operands) {
        values.push(operand);
        types.push(operand.startsWith("(i64") ? "i64" : "i32");
      }
      if (fill !== undefined) before.push(fill);
      if (dump !== undefined) after.push(dump);
    }
    const id = `$${step.module}.${step.name}.${types.join("")}`;
    this.#imports.set(
      id,
      `(import "${step.module}" "${step.name}" (func ${id} (param ${types.join(" ")}) ${step.result ? "(result i32)" : ""}))`,
    );
    const invoke = `(call ${id} ${values.join(" ")})`;
    const bytes = toBytes(label);
    return `${before.join(" ")} ${step.result ? `(local.set $s ${invoke})` : `${invoke} (local.set $s (i32.const 0))`}
      (call $begin (i32.const ${this.#place(bytes)}) (i32.const ${bytes.length}) (local.get $s))
      (if (i32.eqz (local.get $s)) (then ${after.join(" ")})) (call $flush)`;
  }

  #argument(arg: Arg): { operands: string[]; fill?: string; dump?: string } {
    if (typeof arg === "number") return { operands: [`(i32.const ${arg})`] };
    if (typeof arg === "bigint") return { operands: [`(i64.const ${arg})`] };
    switch (arg.kind) {
      case "param":
        return { operands: [`(local.get ${arg.index})`] };
      case "text":
        return { operands: [`(i32.const ${this.#place(arg.bytes)})`, `(i32.const ${arg.bytes.length})`] };
      case "data":
        return { operands: [`(i32.const ${this.#place(arg.bytes)})`] };
      case "iovec": {
        const list = Buffer.alloc(arg.parts.length * 8);
        arg.parts.forEach((part, i) => {
          list.writeUInt32LE(this.#place(part), i * 8);
          list.writeUInt32LE(part.length, i * 8 + 4);
        });
        return { operands: [`(i32.const ${this.#place(list)})`, `(i32.const ${arg.parts.length})`] };
      }
      case "returned": {
        const at = this.#cell(8);
        return {
          operands: [`(i32.const ${at})`, `(i32.const ${at + 4})`],
          fill: fill(at, 8),
          dump: `(call $dump (i32.load (i32.const ${at})) (i32.load (i32.const ${at + 4})))`,
        };
      }
      case "cell": {
        const at = this.#cell(arg.size);
        return {
          operands: [`(i32.const ${at})`],
          fill: fill(at, arg.size),
          dump: `(call $dump (i32.const ${at}) (i32.const ${arg.size}))`,
        };
      }
    }
  }

  #cell(size: number): number {
    const at = this.#nextCell;
    this.#nextCell += (size + 7) & ~7;
    if (this.#nextCell > CELLS + CELLS_SIZE) fail("too many cells");
    return at;
  }

  #place(bytes: Uint8Array): number {
    const at = this.#nextData;
    this.#nextData += (bytes.length + 7) & ~7;
    if (this.#nextData > LOG_BUFFER) fail("too much data");
    const escaped = Buffer.from(bytes).toString("hex").replace(/../g, "\\$&");
    this.#segments.push(`(data (i32.const ${at}) "${escaped}")`);
    return at;
  }
}

function fill(at: number, size: number): string {
  return `(memory.fill (i32.const ${at}) (i32.const 0xee) (i32.const ${size}))`;
}

export function toBytes(bytes: Bytes): Uint8Array {
  return typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
}

function fail(message: string): never {
  throw new Error(`guest: ${message}`);
}
