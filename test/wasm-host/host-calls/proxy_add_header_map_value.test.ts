import { expect, test } from "vitest";
import { call, text } from "../guest.js";
import { fields, inRequest, inRoot, OUTSIDE, start, TestStream } from "../harness.js";

const CALL = "proxy_add_header_map_value";

test("adds a field of its own; fields that occur once are joined; the route is picked anew", async () => {
  const results = await inRequest([
    call(CALL, 0, text("X-A"), text("1")),
    call(CALL, 0, text("x-a"), text("2\xe9")),
    call(CALL, 0, text("via"), text("v1")),
    call(CALL, 0, text("via"), text("v2")),
    call(CALL, 0, text(""), text("")),
  ]);
  expect([...results]).toEqual(Array(5).fill([0]));
  expect(results.stream.headers("request")!.fields).toEqual([
    [":path", "/p"],
    ["x-a", "1"],
    ["x-a", "2\xe9"],
    ["via", "v1,v2"],
    ["", ""],
  ]);
  expect(results.stream.events).toEqual(Array(5).fill("clear route cache"));
});

test("in a response; the route stays", async () => {
  const { plugin, results } = await start({
    callbacks: { proxy_on_response_headers: { steps: [call(CALL, 2, text("set-cookie"), text("a=1"))] } },
  });
  const host = new TestStream();
  host.maps["response headers"] = fields("response", [["set-cookie", "b=2"]]);
  plugin.createStream(host).onResponseHeaders(true);
  expect(results("proxy_on_response_headers")).toEqual([[0]]);
  expect(host.headers("response")!.getAll("set-cookie")).toEqual(["b=2", "a=1"]);
  expect(host.events).toEqual([]);
});

test("bad map types, maps that are not there, and pointers", async () => {
  const results = await inRequest([
    call(CALL, 8, text("x"), text("y")),
    call(CALL, 1, text("x"), text("y")),
    call(CALL, 6, text("x"), text("y")),
    call(CALL, 0, OUTSIDE, 1, text("y")),
    call(CALL, 0, text("x"), OUTSIDE, 1),
  ]);
  expect([...results]).toEqual([[2], [2], [2], [6], [6]]);
  expect(results.stream.events).toEqual([]);
  expect([...(await inRoot([call(CALL, 0, text("x"), text("y"))]))]).toEqual([[2]]);
});
