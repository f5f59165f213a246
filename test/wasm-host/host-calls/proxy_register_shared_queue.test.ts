import { expect, test } from "vitest";
import { call, cell, returned, text } from "../guest.js";
import { inRequest, OUTSIDE, testServices, u32 } from "../harness.js";

const CALL = "proxy_register_shared_queue";

test("creates a queue, or opens it with its items; ids count from 1", async () => {
  const results = await inRequest([
    call(CALL, text("q"), cell()),
    call("proxy_enqueue_shared_queue", 1, text("item")),
    call(CALL, text("q"), cell()),
    call(CALL, text(""), cell()),
    call("proxy_dequeue_shared_queue", 1, returned()),
  ]);
  expect([...results]).toEqual([[0, u32(1)], [0], [0, u32(1)], [0, u32(2)], [0, "item"]]);
});

test("belongs to the vm_id", async () => {
  const services = testServices();
  await inRequest([call(CALL, text("q"), cell())], { services });
  expect(services.sharedQueues.resolve("vm", "q")).toBe(1);
  expect(services.sharedQueues.resolve("other", "q")).toBeUndefined();
});

test("bad pointers", async () => {
  expect([...(await inRequest([call(CALL, OUTSIDE, 1, cell()), call(CALL, text("q"), OUTSIDE)]))]).toEqual([[6], [6]]);
});
