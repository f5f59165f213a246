import { expect, test } from "vitest";
import { call, returned, text } from "../guest.js";
import { fields, inRequest, inRoot, OUTSIDE, start, TestStream } from "../harness.js";

const CALL = "proxy_get_header_map_value";

test("gives the first field of the name, whatever the case asked for", async () => {
  const stream = new TestStream([
    [":path", "/p"],
    ["cookie", "a=\xe9"],
    ["cookie", "b=2"],
    ["empty", ""],
  ]);
  const results = await inRequest(
    [
      call(CALL, 0, text("cookie"), returned()),
      call(CALL, 0, text("CooKIE"), returned()),
      call(CALL, 0, text(":path"), returned()),
      call(CALL, 0, text("empty"), returned()),
      call(CALL, 0, text("absent"), returned()),
    ],
    { stream },
  );
  expect([...results]).toEqual([[0, "a=\xe9"], [0, "a=\xe9"], [0, "/p"], [0, ""], [1]]);
});

test("a map that is not there, or no longer, is BAD_ARGUMENT", async () => {
  const get = (map: number) => call(CALL, map, text("x"), returned());
  expect([...(await inRequest([1, 2, 3, 4, 5, 6, 7].map(get)))]).toEqual(Array(7).fill([2]));
  expect([...(await inRoot([get(0)]))]).toEqual([[2]]);

  const { plugin, results } = await start({
    callbacks: { proxy_on_request_headers: { steps: [] }, proxy_on_response_headers: { steps: [get(0), get(2)] } },
  });
  const host = new TestStream([["x", "request"]]);
  const stream = plugin.createStream(host);
  stream.onRequestHeaders(true);
  host.maps["response headers"] = fields("response", [["x", "response"]]);
  stream.onResponseHeaders(true);
  expect(results("proxy_on_response_headers")).toEqual([[2], [0, "response"]]);
});

test("in proxy_on_log headers and response trailers can be read; a map that is not there has no fields", async () => {
  const { plugin, results } = await start({
    callbacks: { proxy_on_log: { steps: [0, 1, 2, 3, 6].map((map) => call(CALL, map, text("x"), returned())) } },
  });
  const host = new TestStream([["x", "request"]]);
  host.maps["response trailers"] = fields("trailers", [["x", "trailer"]]);
  plugin.createStream(host).end();
  expect(results("proxy_on_log")).toEqual([[0, "request"], [1], [1], [0, "trailer"], [1]]);
});

test("ABI 0.1.0 gets an empty value for an absent field", async () => {
  const results = await start({
    abi: ["0.1.0"],
    callbacks: { proxy_on_log: { steps: [call(CALL, 0, text("absent"), returned())] } },
  });
  results.plugin.createStream(new TestStream()).end();
  expect(results.results("proxy_on_log")).toEqual([[0, ""]]);
});

test("bad map types and pointers", async () => {
  const results = await inRequest([
    call(CALL, 8, text(":path"), returned()),
    call(CALL, -1, text(":path"), returned()),
    call(CALL, 0, OUTSIDE, 1, returned()),
    call(CALL, 0, text(":path"), OUTSIDE, OUTSIDE),
    call(CALL, 0, text("absent"), OUTSIDE, OUTSIDE),
  ]);
  expect([...results]).toEqual([[2], [2], [6], [6], [1]]);
});
