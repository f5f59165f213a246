import { expect, test } from "vitest";
import { call, cell, text } from "../guest.js";
import { inRequest } from "../harness.js";

const CALL = "proxy_increment_metric";

test("a gauge goes up and down and wraps around, a counter only up, a histogram not at all", async () => {
  const results = await inRequest([
    ...[0, 1, 2].map((kind) => call("proxy_define_metric", kind, text(`m${kind}`), cell())),
    call(CALL, 4, 5n),
    call(CALL, 4, 0n),
    call(CALL, 4, -1n),
    call(CALL, 5, 5n),
    call(CALL, 5, -7n),
    call(CALL, 5, 0n),
    call(CALL, 6, 1n),
  ]);
  expect(results.slice(3)).toEqual([[0], [2], [2], [0], [0], [0], [2]]);
  expect(results.services.metrics.value("m0")).toBe(5n);
  expect(results.services.metrics.value("m1")).toBe(0xffff_ffff_ffff_fffen);
});

test("an unknown counter or gauge is NOT_FOUND; other ids are BAD_ARGUMENT", async () => {
  const results = await inRequest([4, 5, 6, 7].map((id) => call(CALL, id, 1n)));
  expect([...results]).toEqual([[1], [1], [2], [2]]);
});
