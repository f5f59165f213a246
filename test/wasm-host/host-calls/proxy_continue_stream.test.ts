import { expect, test } from "vitest";
import { call, returned, text } from "../guest.js";
import { inRequest, inRoot, start, TestStream } from "../harness.js";

const CALL = "proxy_continue_stream";

test("asks for it after the callback", async () => {
  const { stream } = await inRequest([
    call(CALL, 0),
    call("proxy_add_header_map_value", 2, text("a"), text("b")),
    call(CALL, 1),
  ]);
  expect(stream.events).toEqual(["continue request", "continue response"]);
});

test("takes the request's headers away, whatever goes on", async () => {
  const path = call("proxy_get_header_map_value", 0, text(":path"), returned());
  const { plugin, results } = await start({
    callbacks: { proxy_on_request_headers: { steps: [path, call(CALL, 1), path], returns: 1 } },
  });
  plugin.createStream(new TestStream()).onRequestHeaders(true);
  expect(results("proxy_on_request_headers")).toEqual([[0, "/p"], [0], [2]]);
});

test("TCP streams: downstream does nothing, upstream is UNIMPLEMENTED; others are BAD_ARGUMENT", async () => {
  const results = await inRequest([call(CALL, 2), call(CALL, 3), call(CALL, 4), call(CALL, -1)]);
  expect([...results]).toEqual([[0], [12], [2], [2]]);
  expect(results.stream.events).toEqual([]);
});

test("does nothing outside of a stream", async () => {
  expect([...(await inRoot([call(CALL, 0), call(CALL, 1)]))]).toEqual([[0], [0]]);
});
