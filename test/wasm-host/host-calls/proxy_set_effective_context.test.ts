import { expect, test } from "vitest";
import { call, returned, text } from "../guest.js";
import { inRequest, start, TestStream } from "../harness.js";

const CALL = "proxy_set_effective_context";
const path = call("proxy_get_header_map_value", 0, text(":path"), returned());

test("host calls act on the other context until the callback returns; 0 goes back", async () => {
  const { plugin, results } = await start({
    callbacks: {
      proxy_on_request_headers: {
        steps: [path, call(CALL, 1), path, call(CALL, 0), path, call(CALL, 2), path],
        returns: 1,
      },
    },
  });
  plugin.createStream(new TestStream([[":path", "/first"]])).onRequestHeaders(true);
  plugin.createStream(new TestStream([[":path", "/second"]])).onRequestHeaders(true);
  expect(results("proxy_on_request_headers")).toEqual([
    [0, "/first"],
    [0],
    [2],
    [0],
    [0, "/first"],
    [0],
    [0, "/first"],
    [0, "/second"],
    [0],
    [2],
    [0],
    [0, "/second"],
    [0],
    [0, "/first"],
  ]);
});

test("an unknown context, or one that has ended, is BAD_ARGUMENT", async () => {
  expect([...(await inRequest([call(CALL, 99)]))]).toEqual([[2]]);
  const { plugin, results } = await start({ callbacks: { proxy_on_log: { steps: [call(CALL, 2)] } } });
  const first = plugin.createStream(new TestStream());
  const second = plugin.createStream(new TestStream());
  first.end();
  second.end();
  expect(results("proxy_on_log")).toEqual([[0], [2]]);
});

test("a context that ends meanwhile is not the effective one any more", async () => {
  const { plugin, results } = await start({
    callbacks: { proxy_on_request_headers: { steps: [call(CALL, 2), call("proxy_close_stream", 0), path] } },
  });
  const host = new TestStream();
  const stream = plugin.createStream(host);
  host.closeStream = () => stream.end();
  expect(stream.onRequestHeaders(true)).toBe("continue");
  plugin.createStream(new TestStream([[":path", "/second"]])).onRequestHeaders(true);
  expect(results("proxy_on_request_headers").slice(3)).toEqual([[2], [0], [0, "/second"]]);
});
