import { expect, test } from "vitest";
import { call, cell } from "../guest.js";
import { bytes, inRequest, inRoot, OUTSIDE, start, TestStream, u32 } from "../harness.js";

const CALL = "proxy_get_buffer_status";

test("gives the size, and 0 for the flags", async () => {
  const { plugin, results } = await start({
    callbacks: { proxy_on_response_body: { steps: [call(CALL, 1, cell(), cell())] } },
  });
  const host = new TestStream();
  host.bodies.response = bytes("hello");
  plugin.createStream(host).onResponseBody(5, true);
  expect(results("proxy_on_response_body")).toEqual([[0, u32(5), u32(0)]]);
  expect([...(await inRoot([call(CALL, 6, cell(), cell())]))]).toEqual([[0, u32("vm configuration".length), u32(0)]]);
});

test("bad buffer types, buffers that are not there, and pointers", async () => {
  const results = await inRequest([
    call(CALL, 9, cell(), cell()),
    call(CALL, 4, cell(), cell()),
    call(CALL, 6, OUTSIDE, cell()),
    call(CALL, 6, cell(), OUTSIDE),
  ]);
  expect([...results]).toEqual([[2], [1], [6], [6]]);
});
