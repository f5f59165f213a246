import { expect, test } from "vitest";
import { call, cell, text } from "../guest.js";
import { inRequest, OUTSIDE, u64 } from "../harness.js";

const CALL = "proxy_get_metric";
const define = [0, 1, 2].map((kind) => call("proxy_define_metric", kind, text(`m${kind}`), cell()));

test("gives a counter's or a gauge's value", async () => {
  const results = await inRequest([
    ...define,
    call("proxy_record_metric", 4, 12n),
    call("proxy_increment_metric", 5, -1n),
    call(CALL, 4, cell(8)),
    call(CALL, 5, cell(8)),
  ]);
  expect(results.slice(5)).toEqual([
    [0, u64(12n)],
    [0, u64(0xffff_ffff_ffff_ffffn)],
  ]);
});

test("unknown ids, histograms and bad pointers", async () => {
  const results = await inRequest([
    ...define,
    call(CALL, 400, cell(8)),
    call(CALL, 401, cell(8)),
    call(CALL, 6, cell(8)),
    call(CALL, 402, cell(8)),
    call(CALL, 7, cell(8)),
    call(CALL, 4, OUTSIDE),
  ]);
  expect(results.slice(3)).toEqual([[1], [1], [2], [2], [2], [6]]);
});
