import { expect, test } from "vitest";
import { call, cell, text } from "../guest.js";
import { inRequest } from "../harness.js";

const CALL = "proxy_record_metric";

test("sets a gauge, adds to a counter, records in a histogram", async () => {
  const results = await inRequest([
    ...[0, 1, 2].map((kind) => call("proxy_define_metric", kind, text(`m${kind}`), cell())),
    call(CALL, 4, 10n),
    call(CALL, 4, 2n),
    call(CALL, 5, 10n),
    call(CALL, 5, -1n),
    call(CALL, 6, 7n),
    call(CALL, 6, 4000000n),
  ]);
  expect(results.slice(3)).toEqual(Array(6).fill([0]));
  const { metrics } = results.services;
  expect(metrics.value("m0")).toBe(12n);
  expect(metrics.value("m1")).toBe(0xffff_ffff_ffff_ffffn);
  const histogram = metrics.define("histogram", "m2");
  expect(histogram).toMatchObject({ count: 2, sum: 4000007 });
  expect(histogram.kind === "histogram" && histogram.buckets.slice(0, 5)).toEqual([0, 0, 0, 1, 0]);
});

test("an unknown metric is NOT_FOUND", async () => {
  const results = await inRequest([4, 5, 6, 7, 400].map((id) => call(CALL, id, 1n)));
  expect([...results]).toEqual(Array(5).fill([1]));
});
