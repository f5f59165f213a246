import { expect, test } from "vitest";
import { createVm, FilterTrapped, loadModule } from "../../host-sim/wasm-host/index.js";
import { call, cell, guest, returned, type Script, type Step, text, trap, wat } from "./guest.js";
import { bytes, PLUGIN, start, TestStream, testServices, VM } from "./harness.js";

const path = call("proxy_get_header_map_value", 0, text(":path"), returned());
const log = (message: string) => call("proxy_log", 2, text(message));

test("a trap names the callback, the wasm functions and the reason; the VM has failed", async () => {
  const { plugin, vm, services } = await start({
    callbacks: { proxy_on_request_headers: { steps: [wat("(call $helper)")] } },
    extra: "(func $helper (unreachable))",
  });
  const stream = plugin.createStream(new TestStream());
  const other = plugin.createStream(new TestStream());
  const thrown = catchError(() => stream.onRequestHeaders(true));
  expect(thrown).toBeInstanceOf(FilterTrapped);
  expect(thrown).toMatchObject({
    callback: "proxy_on_request_headers",
    reason: "unreachable",
    wasmStack: ["helper", "proxy_on_request_headers"],
    message: "proxy_on_request_headers trapped: unreachable in helper < proxy_on_request_headers",
  });
  expect(vm.failed).toBe(true);
  expect(services.logs).toEqual([{ level: "error", plugin: "plugin", message: (thrown as Error).message }]);

  expect(catchError(() => other.onRequestHeaders(true))).toBe(thrown);
  expect(catchError(() => plugin.createStream(new TestStream()))).toBe(thrown);
  expect(catchError(() => vm.startPlugin(PLUGIN))).toBe(thrown);
  stream.end();
  other.end();
  plugin.stop();
  expect(services.logs).toHaveLength(1);
});

test.each([
  ["memory access out of bounds", "(drop (i32.load (i32.const -4)))"],
  ["divide by zero", "(drop (i32.div_s (i32.const 1) (i32.const 0)))"],
  [
    "Maximum call stack size exceeded",
    "(drop (call $proxy_on_request_headers (i32.const 0) (i32.const 0) (i32.const 0)))",
  ],
])("%s", async (reason, source) => {
  const { plugin } = await start({ callbacks: { proxy_on_request_headers: { steps: [wat(source)] } } });
  const stream = plugin.createStream(new TestStream());
  expect(catchError(() => stream.onRequestHeaders(true))).toMatchObject({ reason });
});

test("what a callback asked for before its trap is not done", async () => {
  const { plugin } = await start({
    callbacks: { proxy_on_request_headers: { steps: [call("proxy_continue_stream", 0), trap()] } },
  });
  const host = new TestStream();
  const stream = plugin.createStream(host);
  expect(() => stream.onRequestHeaders(true)).toThrow(FilterTrapped);
  stream.end();
  expect(host.events).toEqual([]);
});

test("a trap at a stream's end, or in a tick, is not thrown at the proxy; it stops the timers", async () => {
  const tick = { proxy_on_configure: { steps: [call("proxy_set_tick_period_milliseconds", 10)], returns: 1 } };
  for (const callback of ["proxy_on_log", "proxy_on_done", "proxy_on_delete", "proxy_on_tick"]) {
    const { plugin, vm, services } = await start({
      callbacks: { ...tick, proxy_on_tick: { steps: [] }, [callback]: { steps: [trap()] } },
    });
    plugin.createStream(new TestStream()).end();
    services.clock.advance(10);
    expect(vm.failed, callback).toBe(true);
    expect(services.clock.timers.size).toBe(0);
    expect(services.logs.at(-1)!.message).toContain(`${callback} trapped: unreachable`);
  }
});

test("a trap while a plugin starts", async () => {
  const trapping = { steps: [trap()], returns: 1 };
  await expect(start({ callbacks: { proxy_on_context_create: trapping } })).rejects.toThrow(FilterTrapped);
  await expect(start({ callbacks: { proxy_on_configure: trapping } })).rejects.toThrow(FilterTrapped);
});

test("an error of the proxy's own is the cause of the trap", async () => {
  const { plugin } = await start({ callbacks: { proxy_on_request_headers: { steps: [path] } } });
  const host = new TestStream();
  const cause = new Error("a bug in the proxy");
  const stream = plugin.createStream(host);
  host.headers = () => {
    throw cause;
  };
  expect(catchError(() => stream.onResponseHeaders(true))).toBe(cause);
  host.headers = new TestStream().headers;
  host.maps["request headers"]!.get = () => {
    throw cause;
  };
  expect(() => stream.onRequestHeaders(true)).toThrow(FilterTrapped);
});

test("the proxy may not call back while the guest runs", async () => {
  const { plugin } = await start({
    callbacks: {
      proxy_on_request_headers: { steps: [call("proxy_get_property", text("x"), returned())] },
      proxy_on_response_headers: { steps: [] },
    },
  });
  const host = new TestStream();
  const stream = plugin.createStream(host);
  host.property = () => {
    stream.onResponseHeaders(true);
    return undefined;
  };
  expect(() => stream.onRequestHeaders(true)).toThrow(
    "proxy_on_response_headers called by the host while the guest runs",
  );
});

test("an allocator that traps: the call fails, the callback goes on, then the VM has failed", async () => {
  const { plugin, vm, services, results } = await start({
    allocator: "trap",
    callbacks: { proxy_on_request_headers: { steps: [path, log("after")] } },
  });
  const stream = plugin.createStream(new TestStream());
  expect(catchError(() => stream.onRequestHeaders(true))).toMatchObject({ callback: "proxy_on_memory_allocate" });
  expect(results("proxy_on_request_headers")).toEqual([[6], [0]]);
  expect(services.logs.map(({ level, plugin: name, message }) => [level, name, message])).toContainEqual([
    "error",
    "",
    "proxy_on_memory_allocate trapped: unreachable in allocate < proxy_on_request_headers",
  ]);
  expect(vm.failed).toBe(true);
});

test.each(["zero", "out of bounds"] as const)(
  "an allocator that gives %s: the call fails, the VM does not",
  async (allocator) => {
    const pairs = call("proxy_get_header_map_pairs", 0, returned());
    const { plugin, vm, results } = await start({
      allocator,
      callbacks: {
        proxy_on_request_headers: { steps: [path, pairs, call("proxy_get_property", text("plugin_name"), returned())] },
      },
    });
    expect(plugin.createStream(new TestStream()).onRequestHeaders(true)).toBe("continue");
    expect(results("proxy_on_request_headers")).toEqual([[6], [6], [6]]);
    expect(vm.failed).toBe(false);
  },
);

test("an allocator that grows the memory each time", async () => {
  const steps: Step[] = [path, path, call("proxy_get_property", text("plugin_name"), returned()), path];
  const { plugin, vm, results } = await start({
    allocator: "grow",
    callbacks: { proxy_on_request_headers: { steps } },
  });
  const before = vm.memoryBytes;
  plugin.createStream(new TestStream()).onRequestHeaders(true);
  expect(results("proxy_on_request_headers")).toEqual([
    [0, "/p"],
    [0, "/p"],
    [0, "plugin"],
    [0, "/p"],
  ]);
  expect(vm.memoryBytes).toBe(before + 4 * 65536);
});

test("malloc is preferred to proxy_on_memory_allocate, as in Envoy", async () => {
  const { plugin, results } = await start({
    allocatorName: "malloc",
    extra: '(func (export "proxy_on_memory_allocate") (param i32) (result i32) (unreachable))',
    callbacks: { proxy_on_request_headers: { steps: [path] } },
  });
  plugin.createStream(new TestStream()).onRequestHeaders(true);
  expect(results("proxy_on_request_headers")).toEqual([[0, "/p"]]);
});

test("the allocator may log, but not ask for other things", async () => {
  const allocator = (body: string): Partial<Script> => ({
    allocator: "none",
    extra: `(func (export "malloc") (param i32) (result i32) ${body} (i32.const 65536))`,
  });
  const run = async (body: string) => {
    const { plugin, services, results } = await start({
      ...allocator(body),
      callbacks: {
        proxy_on_request_headers: { steps: [path] },
        proxy_on_tick: { steps: [call("proxy_get_log_level", cell())] },
      },
    });
    const stream = plugin.createStream(new TestStream());
    return { thrown: catchError(() => stream.onRequestHeaders(true)), services, results };
  };
  const logging = await run("(drop (call $log (i32.const 3) (i32.const 0) (i32.const 0)))");
  expect(logging.thrown).toBeUndefined();
  expect(logging.services.logs[0]).toMatchObject({ level: "warn", plugin: "" });
  const asking = await run("(call $proxy_on_tick (i32.const 0))");
  expect(asking.thrown).toMatchObject({ reason: "proxy_get_log_level may not be called from the allocator" });
});

test("the start of the module may not call the proxy", async () => {
  const script = {
    callbacks: { _initialize: { steps: [call("random_get", cell(4), 4), call("proxy_get_log_level", cell())] } },
  };
  const module = await loadModule(guest(script));
  await expect(createVm(module, testServices(), VM)).rejects.toThrow(
    "_initialize trapped: proxy_get_log_level may not be called from the start of the module",
  );
  const sleeping = await loadModule(guest({ callbacks: { _start: { steps: [call("sched_yield")] } } }));
  await expect(createVm(sleeping, testServices(), VM)).rejects.toThrow("sched_yield may not be called from");
});

test("a failed VM does not hurt another of the same module", async () => {
  const module = await loadModule(
    guest({
      callbacks: {
        proxy_on_request_headers: { steps: [wat("(if (i32.eq (local.get 1) (i32.const 2)) (then (unreachable)))")] },
      },
    }),
  );
  const services = testServices();
  const [first, second] = [await createVm(module, services, VM), await createVm(module, services, VM)];
  const configuration = bytes("");
  const one = first.startPlugin({ ...PLUGIN, configuration }).createStream(
    new TestStream([
      ["a", "1"],
      ["b", "2"],
    ]),
  );
  const two = second.startPlugin({ ...PLUGIN, configuration }).createStream(new TestStream());
  expect(() => one.onRequestHeaders(true)).toThrow(FilterTrapped);
  expect(two.onRequestHeaders(true)).toBe("continue");
  expect([first.failed, second.failed]).toEqual([true, false]);
});

function catchError(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
