import { expect, test } from "vitest";
import { serialisePairs } from "../../../host-sim/wasm-host/pairs.js";
import { call, returned } from "../guest.js";
import { inRequest, inRoot, OUTSIDE, start, TestStream } from "../harness.js";

const CALL = "proxy_get_header_map_pairs";

test("gives all fields, pseudo-headers first, duplicates in their places", async () => {
  const stream = new TestStream([
    ["cookie", "a=1"],
    [":path", "/p"],
    ["x", "\xff"],
    ["cookie", "b=2"],
  ]);
  const [result] = await inRequest([call(CALL, 0, returned())], { stream });
  const expected = serialisePairs([
    [":path", "/p"],
    ["cookie", "a=1"],
    ["x", "\xff"],
    ["cookie", "b=2"],
  ]);
  expect(result).toEqual([0, expected.toString("latin1")]);
});

test("a map that is not there, or empty, is empty bytes", async () => {
  expect([...(await inRoot([call(CALL, 0, returned()), call(CALL, 6, returned())]))]).toEqual([
    [0, ""],
    [0, ""],
  ]);
  const stream = new TestStream([]);
  expect([...(await inRequest([call(CALL, 0, returned()), call(CALL, 2, returned())], { stream }))]).toEqual([
    [0, ""],
    [0, ""],
  ]);
});

test("request headers can be read in proxy_on_log, not in proxy_on_done", async () => {
  const steps = [call(CALL, 0, returned())];
  const { plugin, results } = await start({
    callbacks: { proxy_on_log: { steps }, proxy_on_done: { steps, returns: 1 }, proxy_on_delete: { steps } },
  });
  plugin.createStream(new TestStream([["x", "1"]])).end();
  expect(results("proxy_on_log")).toEqual([[0, serialisePairs([["x", "1"]]).toString("latin1")]]);
  expect(results("proxy_on_done")).toEqual([[0, ""]]);
  expect(results("proxy_on_delete")).toEqual([[0, ""]]);
});

test("bad map types and pointers", async () => {
  const results = await inRequest([call(CALL, 8, returned()), call(CALL, -1, returned()), call(CALL, 0, OUTSIDE, 0)]);
  expect([...results]).toEqual([[2], [2], [6]]);
});
