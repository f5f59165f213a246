import { expect, test } from "vitest";
import { call, param, when } from "../guest.js";
import { start, TestStream } from "../harness.js";

const CALL = "proxy_set_tick_period_milliseconds";

test("calls proxy_on_tick of the root context every period, until 0 stops it", async () => {
  const { plugin, services, results } = await start({
    callbacks: {
      proxy_on_configure: { steps: [call(CALL, 100)], returns: 1 },
      proxy_on_request_headers: { steps: [call(CALL, 0)] },
      proxy_on_tick: { steps: [call("pthread_equal", param(0), 1)] },
    },
  });
  services.clock.advance(350);
  expect(results("proxy_on_tick")).toEqual([[1], [1], [1]]);

  plugin.createStream(new TestStream()).onRequestHeaders(true);
  services.clock.advance(1000);
  expect(results("proxy_on_tick")).toHaveLength(3);
  expect(services.clock.timers.size).toBe(0);
});

test("a new period replaces the old one, also from within proxy_on_tick", async () => {
  const { services, results } = await start({
    callbacks: {
      proxy_on_configure: { steps: [call(CALL, 500), call(CALL, 100)], returns: 1 },
      proxy_on_tick: { steps: [when(0, 1, call(CALL, 1000))] },
    },
  });
  services.clock.advance(1000);
  expect(results("proxy_on_tick")).toHaveLength(1);
  services.clock.advance(100);
  expect(results("proxy_on_tick")).toHaveLength(2);
});

test("without proxy_on_tick there is no timer", async () => {
  const { services, results } = await start({
    callbacks: { proxy_on_configure: { steps: [call(CALL, 100)], returns: 1 } },
  });
  expect(results("proxy_on_configure")).toEqual([[0]]);
  expect(services.clock.timers.size).toBe(0);
});
