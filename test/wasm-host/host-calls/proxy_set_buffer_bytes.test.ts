import { expect, test } from "vitest";
import { call, type Step, text } from "../guest.js";
import { bytes, inRequest, OUTSIDE, type Result, start, TestStream } from "../harness.js";

const CALL = "proxy_set_buffer_bytes";

async function inBody(body: string, ...steps: Step[]): Promise<{ results: Result[]; body: string }> {
  const { plugin, results } = await start({ callbacks: { proxy_on_request_body: { steps } } });
  const host = new TestStream();
  host.bodies.request = bytes(body);
  plugin.createStream(host).onRequestBody(body.length, true);
  return {
    results: results("proxy_on_request_body"),
    body: Buffer.from(host.bodies.request!).toString("latin1"),
  };
}

test.each([
  ["prepends", 0, 0, "<", "<hello"],
  ["appends", -1, 0, ">", "hello>"],
  ["appends at the end", 5, 3, ">", "hello>"],
  ["replaces the beginning", 0, 2, "HE", "HEllo"],
  ["replaces all", 0, 5, "", ""],
  ["replaces more than there is", 0, 1000, "new", "new"],
])("%s", async (_what, start, size, value, expected) => {
  expect(await inBody("hello", call(CALL, 0, start, size, text(value)))).toEqual({ results: [[0]], body: expected });
});

test("a start inside the buffer is BAD_ARGUMENT, as in Envoy", async () => {
  expect(await inBody("hello", call(CALL, 0, 2, 1, text("X")))).toEqual({ results: [[2]], body: "hello" });
});

test("a body that is not there, or not to be changed, is BAD_ARGUMENT", async () => {
  const results = await inRequest([
    call(CALL, 0, 0, 0, text("x")),
    call(CALL, 6, 0, 0, text("x")),
    call(CALL, 4, 0, 0, text("x")),
  ]);
  expect([...results]).toEqual([[2], [2], [1]]);
});

test("bad buffer types and pointers", async () => {
  expect(await inBody("hello", call(CALL, 9, 0, 0, text("x")), call(CALL, 0, 0, 0, OUTSIDE, 1))).toEqual({
    results: [[2], [6]],
    body: "hello",
  });
});
