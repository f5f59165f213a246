import { expect, test } from "vitest";
import { call, text } from "../guest.js";
import { inRequest, inRoot, OUTSIDE, TestStream } from "../harness.js";

const CALL = "proxy_replace_header_map_value";

test("removes every field of the name and adds one at the end, as Envoy", async () => {
  const stream = new TestStream([
    [":path", "/p"],
    ["x", "1"],
    ["y", "2"],
    ["x", "3"],
  ]);
  const results = await inRequest(
    [call(CALL, 0, text("X"), text("new")), call(CALL, 0, text("z"), text("")), call(CALL, 0, text("host"), text("h"))],
    { stream },
  );
  expect([...results]).toEqual([[0], [0], [0]]);
  expect(stream.headers("request")!.fields).toEqual([
    [":path", "/p"],
    [":authority", "h"],
    ["y", "2"],
    ["x", "new"],
    ["z", ""],
  ]);
  expect(stream.events).toEqual(Array(3).fill("clear route cache"));
});

test("bad map types, maps that are not there, and pointers", async () => {
  const results = await inRequest([
    call(CALL, 8, text("x"), text("y")),
    call(CALL, 2, text("x"), text("y")),
    call(CALL, 0, OUTSIDE, 1, text("y")),
    call(CALL, 0, text("x"), OUTSIDE, 1),
  ]);
  expect([...results]).toEqual([[2], [2], [6], [6]]);
  expect([...(await inRoot([call(CALL, 0, text("x"), text("y"))]))]).toEqual([[2]]);
});
