import { expect, test } from "vitest";
import { serialisePairs } from "../../../host-sim/wasm-host/pairs.js";
import { call, text } from "../guest.js";
import { inRequest, inRoot, OUTSIDE } from "../harness.js";

const CALL = "proxy_set_header_map_pairs";

test("replaces all fields; names become lower-case, and the route is picked anew", async () => {
  const pairs = serialisePairs([
    ["X-A", "1"],
    [":path", "/q"],
    ["x-a", "2"],
  ]);
  const results = await inRequest([call(CALL, 0, text(pairs))]);
  expect([...results]).toEqual([[0]]);
  expect(results.stream.headers("request")!.fields).toEqual([
    [":path", "/q"],
    ["x-a", "1"],
    ["x-a", "2"],
  ]);
  expect(results.stream.events).toEqual(["clear route cache"]);
});

test("malformed pairs empty the map, as in Envoy", async () => {
  const results = await inRequest([call(CALL, 0, text("\x01\0\0\0garbage"))]);
  expect([...results]).toEqual([[0]]);
  expect(results.stream.headers("request")!.fields).toEqual([]);
});

test("bad map types, maps that are not there, and pointers", async () => {
  const bad = await inRequest([call(CALL, 8, text("")), call(CALL, 2, text("")), call(CALL, 0, OUTSIDE, 4)]);
  expect([...bad]).toEqual([[2], [2], [6]]);
  expect([...(await inRoot([call(CALL, 0, text("")), call(CALL, 6, text(""))]))]).toEqual([[2], [2]]);
});
