import { expect, test } from "vitest";
import { createVm, loadModule, PluginRefused } from "../../host-sim/wasm-host/index.js";
import { call, cell, guest, param, returned, type Step, text, wat, when } from "./guest.js";
import { bytes, PLUGIN, resultsOf, start, TestStream, testServices, VM } from "./harness.js";

/** Logs `A B` at info: the callback's first two parameters as digits, by the callback's letter. */
const trace = (letter: string): Step =>
  wat(`(i32.store8 (i32.const 8) (i32.const ${letter.charCodeAt(0)}))
    (i32.store8 (i32.const 9) (i32.add (local.get 0) (i32.const 48)))
    (drop (call $log (i32.const 2) (i32.const 8) (i32.const 2)))`);

const CALLBACKS: Record<string, string> = {
  proxy_on_context_create: "c",
  proxy_on_vm_start: "v",
  proxy_on_configure: "C",
  proxy_on_request_headers: "h",
  proxy_on_request_body: "b",
  proxy_on_request_trailers: "t",
  proxy_on_response_headers: "H",
  proxy_on_response_body: "B",
  proxy_on_response_trailers: "T",
  proxy_on_log: "l",
  proxy_on_done: "d",
  proxy_on_delete: "x",
};

/** A filter that traces every callback with its context's id. */
const tracer = {
  callbacks: Object.fromEntries(
    Object.entries(CALLBACKS).map(([name, letter]) => [
      name,
      { steps: [trace(letter)], returns: /vm_start|configure|done/.test(name) ? 1 : 0 },
    ]),
  ),
};

const traceOf = (services: ReturnType<typeof testServices>) => services.logs.map(({ message }) => message).join(" ");

test("the callbacks of a plugin and a stream, in order", async () => {
  const { plugin, services } = await start(tracer);
  const host = new TestStream();
  const stream = plugin.createStream(host);
  expect(stream.wants).toEqual({ requestBody: true, responseBody: true });
  expect(stream.onRequestHeaders(false)).toBe("continue");
  expect(stream.onRequestBody(0, false)).toBe("continue");
  expect(stream.onRequestTrailers()).toBe("continue");
  expect(stream.onResponseHeaders(false)).toBe("continue");
  expect(stream.onResponseBody(0, false)).toBe("continue");
  expect(stream.onResponseTrailers()).toBe("continue");
  stream.end();
  stream.end();
  plugin.stop();
  plugin.stop();
  expect(traceOf(services)).toBe("c1 v1 C1 c2 h2 b2 t2 H2 B2 T2 l2 d2 x2 d1 x1");
});

test("a stream that is over asks the proxy for nothing", async () => {
  const steps = [
    call("proxy_close_stream", 0),
    call("proxy_send_local_response", 200, text(""), text(""), text(""), -1),
  ];
  const { plugin, results } = await start({
    callbacks: { proxy_on_log: { steps }, proxy_on_done: { steps, returns: 1 }, proxy_on_delete: { steps } },
  });
  const host = new TestStream();
  plugin.createStream(host).end();
  expect(results("proxy_on_delete")).toEqual([[0], [0]]);
  expect(host.events).toEqual([]);
});

test("a module with no callbacks lets everything pass", async () => {
  const { plugin, vm } = await start({ callbacks: {} });
  const stream = plugin.createStream(new TestStream());
  expect(stream.wants).toEqual({ requestBody: false, responseBody: false });
  expect(stream.onRequestHeaders(true)).toBe("continue");
  expect(stream.onRequestBody(0, true)).toBe("continue");
  stream.end();
  plugin.stop();
  expect(vm.failed).toBe(false);
});

test("two plugins in one VM: contexts with unique ids, each with its own configuration", async () => {
  const services = testServices();
  const configuration = call("proxy_get_buffer_bytes", 7, 0, 99, returned());
  const rootId = call("proxy_get_property", text("plugin_root_id"), returned());
  const script = {
    callbacks: {
      proxy_on_context_create: { steps: [rootId] },
      proxy_on_vm_start: { steps: [call("pthread_equal", param(0), 2)], returns: 1 },
      proxy_on_configure: {
        steps: [configuration, call("proxy_set_effective_context", 1), configuration],
        returns: 1,
      },
    },
  };
  const vm = await createVm(await loadModule(guest(script)), services, VM);
  const first = vm.startPlugin({ name: "one", rootId: "r1", configuration: bytes("c1") });
  const second = vm.startPlugin({ name: "two", rootId: "r2", configuration: bytes("c2") });
  expect(resultsOf(services.logs, "proxy_on_vm_start")).toEqual([[0], [1]]);
  expect(resultsOf(services.logs, "proxy_on_configure")).toEqual([[0, "c1"], [0], [0, "c1"], [0, "c2"], [0], [1]]);

  second.createStream(new TestStream());
  first.createStream(new TestStream());
  expect(resultsOf(services.logs, "proxy_on_context_create")).toEqual([
    [0, "r1"],
    [0, "r2"],
    [0, "r2"],
    [0, "r1"],
  ]);
  // A log line goes under the effective context's plugin, too.
  const names = services.logs.map(({ plugin }) => plugin).join(" ");
  expect(names).toBe("one one one one one two two two one one two one");
});

test.each(["proxy_on_vm_start", "proxy_on_configure"] as const)("%s may refuse the plugin", async (callback) => {
  const services = testServices();
  const steps = [
    call("proxy_log", 2, text("reading")),
    call("proxy_log", 3, text("odd")),
    call("fd_write", 2, 12 * 65536, 0, cell()),
    call("proxy_log", 4, text('rules[1]: expected "pin"')),
  ];
  const accepts = { steps: [], returns: 1 };
  const script = {
    callbacks: {
      proxy_on_vm_start: accepts,
      proxy_on_configure: accepts,
      proxy_on_tick: { steps: [] },
      [callback]: {
        steps: [call("proxy_set_tick_period_milliseconds", 10), ...steps],
        returns: "(i32.ne (local.get 0) (i32.const 2))",
      },
    },
  };
  const vm = await createVm(await loadModule(guest(script)), services, VM);
  vm.startPlugin(PLUGIN);
  const refused = () => vm.startPlugin({ ...PLUGIN, name: "second" });
  expect(refused).toThrow(PluginRefused);
  services.clock.advance(5);
  expect(services.clock.timers.size).toBe(1);
  expect(vm.failed).toBe(false);
  const third = vm.startPlugin({ ...PLUGIN, name: "third" });
  expect(third.createStream(new TestStream()).onRequestHeaders(true)).toBe("continue");
});

test("a refusal repeats what the filter logged at warn and above", async () => {
  const steps = [2, 3, 4, 5].map((level) => call("proxy_log", level, text(`level ${level}`)));
  const script = { callbacks: { proxy_on_configure: { steps, returns: 0 } } };
  const error = await start(script).catch((refusal: unknown) => refusal);
  expect(error).toBeInstanceOf(PluginRefused);
  expect(error).toMatchObject({
    plugin: "plugin",
    callback: "proxy_on_configure",
    logs: [
      { level: "warn", message: "level 3" },
      { level: "error", message: "level 4" },
      { level: "critical", message: "level 5" },
    ],
  });
  expect((error as Error).message).toBe(
    'the filter refused the configuration of plugin "plugin" (proxy_on_configure returned false): ' +
      "\n  warn: level 3\n  error: level 4\n  critical: level 5",
  );
  const silent = { callbacks: { proxy_on_configure: { steps: [], returns: 0 } } };
  await expect(start(silent)).rejects.toThrow("it logged nothing at warn or above");
});

test("what is logged later is not part of a refusal", async () => {
  const services = testServices();
  const warn = call("proxy_log", 3, text("careful"));
  const script = {
    callbacks: {
      proxy_on_configure: { steps: [warn], returns: "(i32.eq (local.get 0) (i32.const 1))" },
      proxy_on_request_headers: { steps: [warn] },
    },
  };
  const vm = await createVm(await loadModule(guest(script)), services, VM);
  const plugin = vm.startPlugin(PLUGIN);
  let refusal: unknown;
  try {
    vm.startPlugin(PLUGIN);
  } catch (error) {
    refusal = error;
  }
  plugin.createStream(new TestStream()).onRequestHeaders(true);
  expect((refusal as PluginRefused).logs).toEqual([{ level: "warn", message: "careful" }]);
});

test("a plugin that is stopped waits for its streams, and ticks until then", async () => {
  const { plugin, services } = await start({
    callbacks: {
      ...tracer.callbacks,
      proxy_on_configure: { steps: [call("proxy_set_tick_period_milliseconds", 100)], returns: 1 },
      proxy_on_tick: { steps: [trace("k")] },
    },
  });
  const [first, second] = [plugin.createStream(new TestStream()), plugin.createStream(new TestStream())];
  services.logs.length = 0;
  plugin.stop();
  services.clock.advance(100);
  first.end();
  services.clock.advance(100);
  second.end();
  expect(traceOf(services)).toBe("k1 l2 d2 x2 k1 l3 d3 x3 d1 x1");
  expect(services.clock.timers.size).toBe(0);
});

test.each([
  [
    "proxy_on_request_headers",
    [0, 1, 2, 3, 4, 5, -1],
    ["continue", "pause", "continue", "pause", "pause", "pause", "pause"],
  ],
  ["proxy_on_response_headers", [0, 1, 2, 3], ["continue", "pause", "continue", "pause"]],
  ["proxy_on_request_body", [0, 1, 2, 3, 9], ["continue", "pause", "pause", "pause", "pause"]],
  ["proxy_on_response_body", [0, 1, 2], ["continue", "pause", "pause"]],
  ["proxy_on_request_trailers", [0, 1, 2], ["continue", "pause", "pause"]],
  ["proxy_on_response_trailers", [0, 1, 2], ["continue", "pause", "pause"]],
])("the action of %s", async (callback, results, expected) => {
  const actions = results.map(async (returns) => {
    const { plugin } = await start({ callbacks: { [callback]: { steps: [], returns } } });
    const stream = plugin.createStream(new TestStream());
    return {
      proxy_on_request_headers: () => stream.onRequestHeaders(true),
      proxy_on_response_headers: () => stream.onResponseHeaders(true),
      proxy_on_request_body: () => stream.onRequestBody(0, true),
      proxy_on_response_body: () => stream.onResponseBody(0, true),
      proxy_on_request_trailers: () => stream.onRequestTrailers(),
      proxy_on_response_trailers: () => stream.onResponseTrailers(),
    }[callback]!();
  });
  expect(await Promise.all(actions)).toEqual(expected);
});

test("callbacks get the numbers of fields and bytes, and the end of the stream", async () => {
  const parameters = (last: number) => [
    call("proxy_log", 2, text("")),
    ...[1, 2, 3, 7].map((n) => when(1, n, call("pthread_equal", param(last), n), call("pthread_equal", 7, n))),
  ];
  const { plugin, results } = await start({
    callbacks: {
      proxy_on_request_headers: { steps: parameters(2) },
      proxy_on_request_body: { steps: parameters(2) },
    },
  });
  const stream = plugin.createStream(
    new TestStream([
      [":path", "/"],
      ["a", "1"],
      ["a", "2"],
    ]),
  );
  stream.onRequestHeaders(true);
  stream.onRequestBody(7, false);
  // 3 fields, end of stream 1; 7 bytes, end of stream 0.
  expect(results("proxy_on_request_headers").slice(1)).toEqual([[0], [0]]);
  expect(results("proxy_on_request_body").slice(1)).toEqual([[0], [1]]);
});

test("_initialize and main run first; _start only without them", async () => {
  const services = testServices();
  const steps = [call("random_get", cell(4), 4), call("clock_time_get", 0, 0n, cell(8))];
  const both = { _initialize: { steps }, main: { steps }, _start: { steps } };
  await start({ callbacks: both }, services);
  expect(services.logs.map(({ message }) => message.split(" ")[0])).toEqual([
    "_initialize.0",
    "_initialize.1",
    "main.0",
    "main.1",
  ]);
  services.logs.length = 0;
  await start({ callbacks: { _start: { steps }, main: { steps } } }, services);
  expect(services.logs.map(({ message }) => message.split(" ")[0])).toEqual(["_start.0", "_start.1"]);
});

test("counts calls and the bytes returned, by host call", async () => {
  const { vm, plugin } = await start({
    callbacks: {
      proxy_on_request_headers: {
        steps: [
          call("proxy_get_header_map_value", 0, text(":path"), returned()),
          call("proxy_get_header_map_value", 0, text("absent"), returned()),
          call("proxy_get_property", text("plugin_name"), returned()),
          call("proxy_remove_header_map_value", 0, text("absent")),
        ],
      },
    },
  });
  plugin.createStream(new TestStream([[":path", "/path"]])).onRequestHeaders(true);
  expect(vm.calls.get("proxy_get_header_map_value")).toEqual({ count: 2, bytesReturned: 5 });
  expect(vm.calls.get("proxy_get_property")).toEqual({ count: 1, bytesReturned: 6 });
  expect(vm.calls.get("proxy_remove_header_map_value")).toEqual({ count: 1, bytesReturned: 0 });
  expect(vm.calls.get("proxy_http_call")).toBeUndefined();
  expect(vm.memoryBytes).toBe(13 * 65536);
});
