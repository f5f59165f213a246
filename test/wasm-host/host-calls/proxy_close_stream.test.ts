import { expect, test } from "vitest";
import { call } from "../guest.js";
import { inRequest, inRoot } from "../harness.js";

const CALL = "proxy_close_stream";

test("asks for it after the callback", async () => {
  const results = await inRequest([call(CALL, 0), call(CALL, 1)]);
  expect([...results]).toEqual([[0], [0]]);
  expect(results.stream.events).toEqual(["close request", "close response"]);
});

test("TCP streams do nothing; others are BAD_ARGUMENT", async () => {
  const results = await inRequest([call(CALL, 2), call(CALL, 3), call(CALL, 4), call(CALL, -1)]);
  expect([...results]).toEqual([[0], [0], [2], [2]]);
  expect(results.stream.events).toEqual([]);
});

test("does nothing outside of a stream", async () => {
  expect([...(await inRoot([call(CALL, 0)]))]).toEqual([[0]]);
});
