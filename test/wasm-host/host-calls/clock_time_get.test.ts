import { expect, test } from "vitest";
import { call, cell } from "../guest.js";
import { inRequest, OUTSIDE, u64 } from "../harness.js";

test("gives the services' time for both clocks; others are NOTSUP", async () => {
  const results = await inRequest([
    call("clock_time_get", 0, 0n, cell(8)),
    call("clock_time_get", 1, 0n, cell(8)),
    call("clock_time_get", 2, 0n, OUTSIDE),
  ]);
  const now = u64(results.services.now());
  expect([...results]).toEqual([[0, now], [0, now], [58]]);
});

test("a bad pointer is FAULT", async () => {
  expect([...(await inRequest([call("clock_time_get", 0, 0n, OUTSIDE)]))]).toEqual([[21]]);
});
