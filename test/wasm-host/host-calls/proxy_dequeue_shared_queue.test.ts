import { expect, test } from "vitest";
import { call, returned } from "../guest.js";
import { bytes, inRequest, OUTSIDE, testServices } from "../harness.js";

const CALL = "proxy_dequeue_shared_queue";

function withItems(...items: string[]) {
  const services = testServices();
  const id = services.sharedQueues.register("other", "q", () => {});
  for (const item of items) services.sharedQueues.enqueue(id, bytes(item));
  return { services };
}

test("takes the first item, until the queue is EMPTY", async () => {
  const results = await inRequest(Array(3).fill(call(CALL, 1, returned())), withItems("a\xff", ""));
  expect([...results]).toEqual([[0, "a\xff"], [0, ""], [7]]);
});

test("an unknown queue is NOT_FOUND", async () => {
  expect([...(await inRequest([call(CALL, 9, returned()), call(CALL, 0, returned())]))]).toEqual([[1], [1]]);
});

test("bad pointers lose the item, as in Envoy", async () => {
  const results = await inRequest([call(CALL, 1, OUTSIDE, OUTSIDE), call(CALL, 1, returned())], withItems("a", "b"));
  expect([...results]).toEqual([[6], [0, "b"]]);
});
