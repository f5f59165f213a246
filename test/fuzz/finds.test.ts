/** The fuzzer finds what it is there to find: in modules with planted faults. */
import { expect, test } from "vitest";
import wabt from "wabt";
import { fuzzWasm } from "./fuzz-wasm.js";
import { withCounters } from "./life.js";
import { Random } from "./random.js";
import type { WasmTarget } from "./targets/target.js";

const { parseWat } = await wabt();

/** A filter that reads its configuration, then does `body` with the pointer `$at` and the size `$size`. */
async function planted(body: string) {
  const { buffer } = parseWat(
    "planted.wat",
    `(module
      (import "env" "proxy_get_buffer_bytes" (func $bytes (param i32 i32 i32 i32 i32) (result i32)))
      (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
      (memory (export "memory") 4)
      (global $next (mut i32) (i32.const 131072))
      (func (export "proxy_abi_version_0_2_1"))
      (func (export "proxy_on_memory_allocate") (param $size i32) (result i32)
        (global.get $next)
        (global.set $next (i32.and (i32.add (i32.add (global.get $next) (local.get $size)) (i32.const 7)) (i32.const -8))))
      (func $byte (param $at i32) (result i32) (i32.load8_u (local.get $at)))
      (func (export "proxy_on_configure") (param $id i32) (param $size i32) (result i32)
        (local $at i32)
        (global.set $next (i32.const 131072))
        (if (i32.lt_u (local.get $size) (i32.const 1)) (then (return (i32.const 1))))
        (drop (call $bytes (i32.const 7) (i32.const 0) (local.get $size) (i32.const 70000) (i32.const 70004)))
        (local.set $at (i32.load (i32.const 70000)))
        ${body}
        (i32.const 1)))`,
  ).toBinary({});
  return withCounters(buffer);
}

const target = (memory = 262_144): WasmTarget => ({
  name: "planted",
  about: "",
  seeds: [Buffer.from("hello")],
  tokens: [";"],
  lifetime: 500,
  memory,
  begin: (vm) => (input) => {
    const said: string[] = [];
    vm.onLog = ({ message }) => void said.push(message);
    const plugin = vm.startPlugin({ name: "", rootId: "", configuration: input });
    plugin.stop();
    return `${[...vm.calls].map(([name, { count }]) => `${name} ${count}`)} ${said}`;
  },
});

async function findings(body: string, rounds = 200_000) {
  let asked = 0;
  const subject = await planted(body);
  const { findings, ...rest } = fuzzWasm(target(), subject, [], new Random(1), () => ++asked > rounds / 64);
  return { messages: findings.map(({ message }) => message), findings, ...rest };
}

const LOG_IF = (condition: string) =>
  `(if ${condition} (then (drop (call $log (i32.const 0) (i32.const 0) (i32.const 0)))))`;

test("nothing in a module that has no fault", async () => {
  const { messages, executions, again } = await findings(
    LOG_IF("(i32.eq (call $byte (local.get $at)) (i32.const 59))"),
    20_000,
  );
  expect(messages).toEqual([]);
  expect(executions).toBeGreaterThan(10_000);
  expect(again).toBeGreaterThan(0);
});

test("a trap behind three bytes that must be right, one after another", async () => {
  const is = (index: number, byte: number, then: string) =>
    `(if (i32.eq (call $byte (i32.add (local.get $at) (i32.const ${index}))) (i32.const ${byte})) (then ${then}))`;
  const { messages, findings: found } = await findings(is(0, 0x58, is(1, 0x7a, is(2, 0x3f, "unreachable"))));
  expect(messages).toEqual([expect.stringContaining("proxy_on_configure trapped: unreachable")]);
  expect(found[0]!.input.toString("latin1", 0, 3)).toBe("Xz?");
});

test.each([
  ["behind", "(i32.add (local.get $at) (local.get $size))"],
  ["before", "(i32.sub (local.get $at) (i32.const 1))"],
])("a read of the byte %s what the host gave", async (_, place) => {
  const { messages } = await findings(LOG_IF(`(i32.lt_u (call $byte ${place}) (i32.const 128))`));
  expect(messages.join()).toContain("ReadOutside");
});

test("a write behind what the host gave", async () => {
  const { messages } = await findings("(i32.store8 (i32.add (local.get $at) (local.get $size)) (i32.const 0))", 5_000);
  expect(messages.join()).toContain("WroteOutside: proxy_on_configure wrote outside");
});

test("memory that grows", async () => {
  const { messages } = await findings("(drop (memory.grow (i32.const 1)))", 5_000);
  expect(messages.join()).toMatch(/MemoryGrew: \d+ bytes of 262144/);
});
