import { expect, test } from "vitest";
import { call, cell, text } from "../guest.js";
import { inRequest, OUTSIDE, testServices, u32 } from "../harness.js";

const CALL = "proxy_resolve_shared_queue";

test("finds a queue of any vm_id; an empty one is the VM's own", async () => {
  const services = testServices();
  services.sharedQueues.register("other", "q", () => {});
  services.sharedQueues.register("vm", "mine", () => {});
  const results = await inRequest(
    [
      call(CALL, text("other"), text("q"), cell()),
      call(CALL, text(""), text("mine"), cell()),
      call(CALL, text("vm"), text("mine"), cell()),
      call(CALL, text(""), text("q"), cell()),
      call(CALL, text("nobody"), text("q"), cell()),
    ],
    { services },
  );
  expect([...results]).toEqual([[0, u32(1)], [0, u32(2)], [0, u32(2)], [1], [1]]);
});

test("bad pointers", async () => {
  const services = testServices();
  services.sharedQueues.register("vm", "q", () => {});
  const results = await inRequest(
    [
      call(CALL, OUTSIDE, 1, text("q"), cell()),
      call(CALL, text(""), OUTSIDE, 1, cell()),
      call(CALL, text(""), text("q"), OUTSIDE),
    ],
    { services },
  );
  expect([...results]).toEqual([[6], [6], [6]]);
});
