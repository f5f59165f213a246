import { expect, test } from "vitest";
import { createVm, loadModule, SharedData } from "../../host-sim/wasm-host/index.js";
import { call, cell, guest, param, returned, type Script, text, when } from "./guest.js";
import { bytes, PLUGIN, resultsOf, TestStream, testServices, VM } from "./harness.js";

/** Two workers: VMs of one module that share the services. */
async function twoWorkers(script: Script) {
  const services = testServices();
  const module = await loadModule(guest(script));
  const start = async (name: string) => {
    const vm = await createVm(module, services, VM);
    return vm.startPlugin({ ...PLUGIN, name });
  };
  const workers = [await start("first"), await start("second")] as const;
  const results = (name: string, callback: string) =>
    resultsOf(
      services.logs.filter(({ plugin }) => plugin === name),
      callback,
    );
  return { workers, services, results };
}

const COUNTER = text("counter");

test("compare-and-swap: of two workers that read the same number, one may write", async () => {
  const get = call("proxy_get_shared_data", COUNTER, returned(), cell());
  const { workers, services, results } = await twoWorkers({
    callbacks: {
      proxy_on_request_headers: { steps: [get] },
      proxy_on_response_headers: { steps: [call("proxy_set_shared_data", COUNTER, text("mine"), 1), get] },
    },
  });
  services.sharedData.set("vm", "counter", bytes("0"), 0);
  const streams = workers.map((plugin) => plugin.createStream(new TestStream()));
  for (const stream of streams) stream.onRequestHeaders(true);
  for (const stream of streams) stream.onResponseHeaders(true);
  expect(results("first", "proxy_on_response_headers")).toEqual([[0], [0, "mine", "\x02\0\0\0"]]);
  expect(results("second", "proxy_on_response_headers")).toEqual([[8], [0, "mine", "\x02\0\0\0"]]);
});

test("a queue tells the worker that registered last; any worker may take the item", async () => {
  const { workers, results } = await twoWorkers({
    callbacks: {
      proxy_on_configure: { steps: [call("proxy_register_shared_queue", text("q"), cell())], returns: 1 },
      proxy_on_request_headers: { steps: [call("proxy_enqueue_shared_queue", 1, text("item"))] },
      proxy_on_queue_ready: { steps: [when(0, 1, call("proxy_dequeue_shared_queue", param(1), returned()))] },
    },
  });
  workers[0].createStream(new TestStream()).onRequestHeaders(true);
  await Promise.resolve();
  expect(results("first", "proxy_on_queue_ready")).toEqual([]);
  expect(results("second", "proxy_on_queue_ready")).toEqual([[0, "item"]]);
});

test("a worker whose plugin is gone is not told", async () => {
  const { workers, results } = await twoWorkers({
    callbacks: {
      proxy_on_configure: { steps: [call("proxy_register_shared_queue", text("q"), cell())], returns: 1 },
      proxy_on_request_headers: { steps: [call("proxy_enqueue_shared_queue", 1, text("item"))] },
      proxy_on_queue_ready: { steps: [call("pthread_equal", 1, 1)] },
    },
  });
  workers[0].createStream(new TestStream()).onRequestHeaders(true);
  workers[1].stop();
  await Promise.resolve();
  expect(results("second", "proxy_on_queue_ready")).toEqual([]);
});

test("metrics of the same name are one", async () => {
  const { workers, services } = await twoWorkers({
    callbacks: {
      proxy_on_configure: { steps: [call("proxy_define_metric", 1, text("in_flight"), cell())], returns: 1 },
      proxy_on_request_headers: { steps: [call("proxy_increment_metric", 5, 1n)] },
      proxy_on_log: { steps: [call("proxy_increment_metric", 5, -1n)] },
    },
  });
  const streams = workers.map((plugin) => plugin.createStream(new TestStream()));
  for (const stream of streams) stream.onRequestHeaders(true);
  expect(services.metrics.value("in_flight")).toBe(2n);
  streams[0]!.end();
  expect(services.metrics.value("in_flight")).toBe(1n);
});

test("stored bytes are copies", () => {
  const data = new SharedData();
  const value = Buffer.from("before");
  data.set("vm", "k", value, 0);
  value.fill("x");
  expect(Buffer.from(data.get("vm", "k")!.value).toString()).toBe("before");
});
