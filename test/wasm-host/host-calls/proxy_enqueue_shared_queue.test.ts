import { expect, test } from "vitest";
import { call, cell, param, returned, text } from "../guest.js";
import { inRequest, OUTSIDE, start, TestStream } from "../harness.js";

const CALL = "proxy_enqueue_shared_queue";

test("adds at the end; proxy_on_queue_ready of the root context comes on another turn, once an item", async () => {
  const { plugin, results } = await start({
    callbacks: {
      proxy_on_configure: { steps: [call("proxy_register_shared_queue", text("q"), cell())], returns: 1 },
      proxy_on_request_headers: { steps: [call(CALL, 1, text("a")), call(CALL, 1, text(""))] },
      proxy_on_queue_ready: {
        steps: [call("pthread_equal", param(0), 1), call("proxy_dequeue_shared_queue", param(1), returned())],
      },
    },
  });
  plugin.createStream(new TestStream()).onRequestHeaders(true);
  expect(results("proxy_on_request_headers")).toEqual([[0], [0]]);
  expect(results("proxy_on_queue_ready")).toEqual([]);

  await Promise.resolve();
  expect(results("proxy_on_queue_ready")).toEqual([[1], [0, "a"], [1], [0, ""]]);
});

test("unknown queues and bad pointers", async () => {
  const results = await inRequest([
    call(CALL, 1, text("a")),
    call(CALL, 0, text("a")),
    call("proxy_register_shared_queue", text("q"), cell(4)),
    call(CALL, 1, OUTSIDE, 1),
    call("proxy_dequeue_shared_queue", 1, returned()),
  ]);
  expect(results.map(([status]) => status)).toEqual([1, 1, 0, 6, 7]);
});
