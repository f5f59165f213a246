import { expect, test } from "vitest";
import { HeaderMap, type HttpCallResult } from "../../host-sim/wasm-host/index.js";
import { serialisePairs } from "../../host-sim/wasm-host/pairs.js";
import { call, cell, param, returned, text, trap, when } from "./guest.js";
import { bytes, type Result, start, TestStream, testServices } from "./harness.js";

const headers = text(
  serialisePairs([
    [":method", "GET"],
    [":path", "/"],
    [":authority", "a"],
  ]),
);
const dispatch = call("proxy_http_call", text("app"), headers, text(""), text(""), 9, cell());
const OK: HttpCallResult = {
  ok: true,
  headers: new HeaderMap("response", [
    [":status", "200"],
    ["x", "1"],
  ]),
  body: bytes("hello\xff"),
  trailers: new HeaderMap("trailers", [["t", "2"]]),
};

function collectingCalls() {
  const answers: ((result: HttpCallResult) => void)[] = [];
  return { answers, services: testServices({ httpCall: (_request, respond) => answers.push(respond) > 0 }) };
}

test("the response can be read in its callback, and not after", async () => {
  const { answers, services } = collectingCalls();
  const read = [
    call("proxy_get_header_map_pairs", 6, returned()),
    call("proxy_get_header_map_value", 6, text(":status"), returned()),
    call("proxy_get_header_map_pairs", 7, returned()),
    call("proxy_get_buffer_bytes", 4, 0, 99, returned()),
    call("proxy_get_buffer_status", 4, cell(), cell()),
  ];
  const { results } = await start(
    {
      callbacks: {
        proxy_on_configure: { steps: [dispatch, call("proxy_set_tick_period_milliseconds", 1)], returns: 1 },
        proxy_on_http_call_response: {
          steps: [
            ...[1, 4, 2, 6, 1].map((expected, index) => call("pthread_equal", param(index), expected)),
            ...read,
            call("proxy_add_header_map_value", 6, text("a"), text("b")),
            call("proxy_set_buffer_bytes", 4, 0, 0, text("x")),
          ],
        },
        proxy_on_tick: { steps: read },
      },
    },
    services,
  );
  answers[0]!(OK);
  services.clock.advance(1);
  expect(results("proxy_on_http_call_response")).toEqual([
    ...Array<Result>(5).fill([1]),
    [
      0,
      serialisePairs([
        [":status", "200"],
        ["x", "1"],
      ]).toString("latin1"),
    ],
    [0, "200"],
    [0, serialisePairs([["t", "2"]]).toString("latin1")],
    [0, "hello\xff"],
    [0, "\x06\0\0\0", "\0\0\0\0"],
    [2],
    [2],
  ]);
  expect(results("proxy_on_tick")).toEqual([[0, ""], [2], [0, ""], [1], [1]]);
});

test("a failed call has no headers", async () => {
  const { answers, services } = collectingCalls();
  const { results } = await start(
    {
      callbacks: {
        proxy_on_configure: { steps: [dispatch], returns: 1 },
        proxy_on_http_call_response: {
          steps: [call("pthread_equal", param(2), 0), call("proxy_get_header_map_pairs", 6, returned())],
        },
      },
    },
    services,
  );
  answers[0]!({ ok: false, details: "reset" });
  expect(results("proxy_on_http_call_response")).toEqual([[1], [0, ""]]);
});

test("a paused stream goes on when its call is answered", async () => {
  const { answers, services } = collectingCalls();
  const { plugin, results } = await start(
    {
      callbacks: {
        proxy_on_request_headers: { steps: [dispatch], returns: 1 },
        proxy_on_http_call_response: {
          steps: [
            call("proxy_get_header_map_value", 0, text(":path"), returned()),
            when(1, 4, call("proxy_set_effective_context", 2)),
            when(1, 8, call("proxy_set_effective_context", 3)),
            call("proxy_get_header_map_value", 0, text(":path"), returned()),
            call("proxy_get_buffer_bytes", 4, 0, 5, returned()),
            call("proxy_continue_stream", 0),
          ],
        },
      },
    },
    services,
  );
  const [one, two] = [new TestStream([[":path", "/1"]]), new TestStream([[":path", "/2"]])];
  expect(plugin.createStream(one).onRequestHeaders(true)).toBe("pause");
  expect(plugin.createStream(two).onRequestHeaders(true)).toBe("pause");
  answers[1]!(OK);
  expect([one.events, two.events]).toEqual([[], ["continue request"]]);
  expect(results("proxy_on_http_call_response")).toEqual([[2], [0], [0, "/2"], [0, "hello"], [0]]);
  answers[0]!(OK);
  expect(one.events).toEqual(["continue request"]);
});

test("an answer that comes while the filter runs waits for the callback's end", async () => {
  const order: string[] = [];
  const services = testServices({
    httpCall: (_request, respond) => {
      respond(OK);
      return true;
    },
  });
  const { plugin, results } = await start(
    {
      callbacks: {
        proxy_on_request_headers: { steps: [dispatch, call("proxy_continue_stream", 0)], returns: 1 },
        proxy_on_http_call_response: { steps: [call("pthread_equal", param(1), 4)] },
      },
    },
    services,
  );
  const host = new TestStream();
  host.continueStream = () => order.push(`continue after ${results("proxy_on_http_call_response").length} responses`);
  expect(plugin.createStream(host).onRequestHeaders(true)).toBe("pause");
  expect(results("proxy_on_http_call_response")).toEqual([[1]]);
  expect(order).toEqual(["continue after 1 responses"]);
});

test("an answer is taken once, and not by a plugin that is gone or a VM that has failed", async () => {
  const { answers, services } = collectingCalls();
  const { plugin, vm, results } = await start(
    {
      callbacks: {
        proxy_on_configure: { steps: [dispatch, dispatch], returns: 1 },
        proxy_on_request_headers: { steps: [trap()] },
        proxy_on_http_call_response: { steps: [call("pthread_equal", 1, 1)] },
      },
    },
    services,
  );
  answers[0]!(OK);
  answers[0]!(OK);
  expect(results("proxy_on_http_call_response")).toHaveLength(1);

  const gone = vm.startPlugin(plugin.options);
  gone.stop();
  answers[2]!(OK);
  expect(results("proxy_on_http_call_response")).toHaveLength(1);

  const stream = plugin.createStream(new TestStream());
  expect(() => stream.onRequestHeaders(true)).toThrow();
  answers[1]!(OK);
  expect(results("proxy_on_http_call_response")).toHaveLength(1);
});
