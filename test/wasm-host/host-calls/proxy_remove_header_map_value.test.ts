import { expect, test } from "vitest";
import { call, text } from "../guest.js";
import { inRequest, inRoot, OUTSIDE, TestStream } from "../harness.js";

const CALL = "proxy_remove_header_map_value";

test("removes every field of the name; an absent one is OK; the route is picked anew", async () => {
  const stream = new TestStream([
    ["x", "1"],
    ["y", "2"],
    ["x", "3"],
  ]);
  const results = await inRequest([call(CALL, 0, text("X")), call(CALL, 0, text("absent"))], { stream });
  expect([...results]).toEqual([[0], [0]]);
  expect(stream.headers("request")!.fields).toEqual([["y", "2"]]);
  expect(stream.events).toEqual(Array(2).fill("clear route cache"));
});

test("bad map types, maps that are not there, and pointers", async () => {
  const results = await inRequest([call(CALL, 8, text("x")), call(CALL, 3, text("x")), call(CALL, 0, OUTSIDE, 1)]);
  expect([...results]).toEqual([[2], [2], [6]]);
  expect([...(await inRoot([call(CALL, 0, text("x"))]))]).toEqual([[2]]);
});
