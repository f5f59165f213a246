import { expect, test } from "vitest";
import { call } from "../guest.js";
import { inRoot, start, TestStream } from "../harness.js";

test("finishes a root context that answered proxy_on_done with false", async () => {
  const { plugin, vm, results, services } = await start({
    callbacks: {
      proxy_on_configure: { steps: [call("proxy_set_tick_period_milliseconds", 100)], returns: 1 },
      proxy_on_done: { steps: [], returns: 0 },
      proxy_on_tick: { steps: [call("proxy_done"), call("proxy_done")] },
      proxy_on_delete: { steps: [call("pthread_equal", 1, 1)] },
    },
  });
  plugin.stop();
  expect(results("proxy_on_delete")).toEqual([]);

  services.clock.advance(100);
  expect(results("proxy_on_tick")).toEqual([[0], [1]]);
  expect(results("proxy_on_delete")).toEqual([[1]]);
  expect(services.clock.timers.size).toBe(0);
  expect(vm.failed).toBe(false);
});

test("is NOT_FOUND when nothing waits for it: at configuration, in a stream's end", async () => {
  expect([...(await inRoot([call("proxy_done")]))]).toEqual([[1]]);
  const { plugin, results } = await start({
    callbacks: { proxy_on_done: { steps: [call("proxy_done")], returns: 0 } },
  });
  plugin.createStream(new TestStream()).end();
  expect(results("proxy_on_done")).toEqual([[1]]);
});
