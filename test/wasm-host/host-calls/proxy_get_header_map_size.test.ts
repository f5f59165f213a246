import { expect, test } from "vitest";
import { call, cell } from "../guest.js";
import { inRequest, inRoot, OUTSIDE, start, TestStream, u32 } from "../harness.js";

const CALL = "proxy_get_header_map_size";

test("gives the sum of the lengths of names and values, as Envoy", async () => {
  const stream = new TestStream([
    [":path", "/p"],
    ["x-a", "12"],
  ]);
  expect([...(await inRequest([call(CALL, 0, cell())], { stream }))]).toEqual([[0, u32(12)]]);
});

test("a map that cannot be changed now is BAD_ARGUMENT", async () => {
  expect([...(await inRoot([call(CALL, 0, cell()), call(CALL, 6, cell())]))]).toEqual([[2], [2]]);
  const { plugin, results } = await start({ callbacks: { proxy_on_log: { steps: [call(CALL, 0, cell())] } } });
  plugin.createStream(new TestStream()).end();
  expect(results("proxy_on_log")).toEqual([[2]]);
});

test("bad map types and pointers", async () => {
  expect([...(await inRequest([call(CALL, 8, cell()), call(CALL, 0, OUTSIDE)]))]).toEqual([[2], [6]]);
});
