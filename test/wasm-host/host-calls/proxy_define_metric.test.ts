import { expect, test } from "vitest";
import { statName } from "../../../host-sim/wasm-host/index.js";
import { call, cell, text } from "../guest.js";
import { inRequest, OUTSIDE, u32 } from "../harness.js";

const CALL = "proxy_define_metric";

test("gives ids whose last two bits are the kind; the same name is the same metric", async () => {
  const results = await inRequest([
    call(CALL, 0, text("c"), cell()),
    call(CALL, 1, text("g"), cell()),
    call(CALL, 2, text("h"), cell()),
    call(CALL, 0, text("c"), cell()),
    call("proxy_increment_metric", 4, 2n),
    call("proxy_increment_metric", 8, 3n),
  ]);
  expect(results.slice(0, 4)).toEqual([
    [0, u32(4)],
    [0, u32(5)],
    [0, u32(6)],
    [0, u32(8)],
  ]);
  expect(results.services.metrics.value("c")).toBe(5n);
  expect([...results.services.metrics.all()].map(statName)).toEqual(["wasmcustom.c", "wasmcustom.g", "wasmcustom.h"]);
});

test("bad kinds and pointers", async () => {
  const results = await inRequest([
    call(CALL, 3, text("c"), cell()),
    call(CALL, -1, text("c"), cell()),
    call(CALL, 0, OUTSIDE, 1, cell()),
    call(CALL, 0, text("c"), OUTSIDE),
  ]);
  expect([...results]).toEqual([[2], [2], [6], [6]]);
});
