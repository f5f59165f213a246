import { expect, test } from "vitest";
import { createVm, loadModule, ModuleError } from "../../host-sim/wasm-host/index.js";
import { moduleTypes } from "../../host-sim/wasm-host/module-types.js";
import { call, cell, compileWat, guest, type Script } from "./guest.js";
import { testServices, VM } from "./harness.js";

const NO_STEPS = { steps: [] };
const load = (script: Partial<Script>) => loadModule(guest({ callbacks: {}, ...script }));
const inLog = (...steps: ReturnType<typeof call>[]) => ({ callbacks: { proxy_on_log: { steps } } });

test("bytes that are no module", async () => {
  await expect(loadModule(Buffer.from("not wasm"))).rejects.toThrow(ModuleError);
  await expect(loadModule(Buffer.from("not wasm"))).rejects.toThrow("not a WebAssembly module that can be compiled: ");
});

test.each([["0.1.0"], ["0.2.0"], ["0.2.1"]])("ABI %s is known", async (abi) => {
  await expect(load({ abi: [abi] })).resolves.toBeInstanceOf(WebAssembly.Module);
});

test("no ABI version, or an unknown one", async () => {
  const expected = "expected an export proxy_abi_version_X_Y_Z for one of 0.1.0, 0.2.0, 0.2.1; found";
  await expect(load({ abi: [] })).rejects.toThrow(`${expected} none`);
  await expect(load({ abi: ["0.9.9"] })).rejects.toThrow(`${expected} 0.9.9`);
});

test("of several ABI versions the first known one counts, as in Envoy", async () => {
  const script = inLog(call("proxy_get_log_level", cell()));
  await expect(load({ ...script, abi: ["0.9.9", "0.2.1", "0.1.0"] })).resolves.toBeDefined();
  await expect(load({ ...script, abi: ["0.2.0", "0.2.1"] })).rejects.toThrow("the module declares ABI 0.2.0");
});

test("an allocator by either name, or none", async () => {
  await expect(load({ allocatorName: "malloc" })).resolves.toBeDefined();
  await expect(load({ allocator: "none" })).rejects.toThrow(
    "the module exports no allocator: expected proxy_on_memory_allocate or malloc",
  );
});

test("unknown imports, by name", async () => {
  await expect(load(inLog(call("proxy_nope", 1)))).rejects.toThrow("unknown import env.proxy_nope (function)");
  await expect(load(inLog(call("env:abort", 1)))).rejects.toThrow("unknown import env.abort");
  await expect(load(inLog(call("wasi_snapshot_preview1:proxy_log", 1)))).rejects.toThrow(
    "unknown import wasi_snapshot_preview1.proxy_log",
  );
});

test("imports and exports of the wrong type", async () => {
  await expect(load(inLog(call("proxy_done", 1)))).rejects.toThrow(
    "import env.proxy_done has the wrong type: expected ()i, found (i)i",
  );
  await expect(load(inLog(call("proxy_increment_metric", 1, 1)))).rejects.toThrow("expected (il)i, found (ii)i");
  const twoParameters = '(func (export "proxy_on_request_headers") (param i32 i32) (result i32) (i32.const 0))';
  await expect(load({ extra: twoParameters })).rejects.toThrow(
    "export proxy_on_request_headers has the wrong type: expected (iii)i, found (ii)i",
  );
  await expect(load({ extra: twoParameters, abi: ["0.1.0"] })).resolves.toBeDefined();
});

test("a module that calls the host in its start section, on which Envoy crashes", async () => {
  const module = await load({
    callbacks: { _start: { steps: [call("proxy_log", 2, 0, 0)] } },
    extra: "(start $_start)",
  });
  await expect(createVm(module, testServices(), VM)).rejects.toThrow(
    "the module cannot be instantiated: proxy_log may not be called from a start section",
  );
});

test("an import that is no function, between functions", async () => {
  const script = guest({ callbacks: { proxy_on_log: NO_STEPS } });
  expect(moduleTypes(script).imports).toEqual(new Map([["env.proxy_log", "(iii)i"]]));
  const source = `(module
    (import "env" "g" (global i32)) (import "env" "m" (memory 1 2)) (import "env" "t" (table 1 funcref))
    (import "env" "proxy_done" (func $done (result i32)))
    (func (export "f") (param i64 f32 f64) (result i32) (call $done)) (func (export "proxy_abi_version_0_2_1")))`;
  const bytes = compileWat(source);
  expect(moduleTypes(bytes)).toEqual({
    imports: new Map([["env.proxy_done", "()i"]]),
    exports: new Map([
      ["f", "(lfd)i"],
      ["proxy_abi_version_0_2_1", "()"],
    ]),
  });
  await expect(loadModule(bytes)).rejects.toThrow("unknown import env.g (global)");
});
