import { expect, test } from "vitest";
import { call } from "../guest.js";
import { inRequest } from "../harness.js";

test("returns to the guest, as in Envoy", async () => {
  const results = await inRequest([call("proc_exit", 3), call("pthread_equal", 1, 1)]);
  expect([...results]).toEqual([[0], [1]]);
  expect(results.vm.failed).toBe(false);
});
