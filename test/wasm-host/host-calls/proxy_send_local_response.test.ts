import { expect, test } from "vitest";
import { serialisePairs } from "../../../host-sim/wasm-host/pairs.js";
import { call, text } from "../guest.js";
import { bytes, inRequest, inRoot, OUTSIDE, start, TestStream } from "../harness.js";

const CALL = "proxy_send_local_response";
const headers = serialisePairs([
  ["X-A", "1"],
  ["x-a", "2"],
]);

test("replies after the callback, and stops the stream whatever the callback returned", async () => {
  const { plugin } = await start({
    callbacks: {
      proxy_on_request_headers: {
        steps: [
          call(CALL, 418, text("my\tlong  details"), text("body\xff"), text(headers), -1),
          call("proxy_add_header_map_value", 0, text("x"), text("y")),
        ],
        returns: 0,
      },
    },
  });
  const host = new TestStream();
  const stream = plugin.createStream(host);
  expect(stream.onRequestHeaders(true)).toBe("pause");
  expect(host.events).toEqual(["clear route cache", "reply 418"]);
  expect(host.replies).toEqual([
    {
      status: 418,
      details: "my_long__details",
      body: bytes("body\xff"),
      headers: [
        ["x-a", "1"],
        ["x-a", "2"],
      ],
      grpcStatus: -1,
    },
  ]);
});

test("the next callback is not stopped", async () => {
  const { plugin } = await start({
    callbacks: {
      proxy_on_request_headers: { steps: [call(CALL, 200, text(""), text(""), text(""), 5)] },
      proxy_on_response_headers: { steps: [] },
    },
  });
  const host = new TestStream();
  const stream = plugin.createStream(host);
  const actions: string[] = [];
  host.sendLocalReply = ({ grpcStatus }) => actions.push(`${grpcStatus}`, stream.onResponseHeaders(true));
  expect(stream.onRequestHeaders(true)).toBe("pause");
  expect(actions).toEqual(["5", "continue"]);
});

test("does nothing outside of a stream", async () => {
  expect([...(await inRoot([call(CALL, 200, text(""), text(""), text(""), -1)]))]).toEqual([[0]]);
});

test("bad pointers", async () => {
  const results = await inRequest([
    call(CALL, 200, OUTSIDE, 1, text(""), text(""), -1),
    call(CALL, 200, text(""), OUTSIDE, 1, text(""), -1),
    call(CALL, 200, text(""), text(""), OUTSIDE, 1, -1),
  ]);
  expect([...results]).toEqual([[6], [6], [6]]);
  expect(results.stream.events).toEqual([]);
});
