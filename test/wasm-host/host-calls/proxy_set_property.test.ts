import { expect, test } from "vitest";
import { call, returned, text } from "../guest.js";
import { inRequest, inRoot, OUTSIDE } from "../harness.js";

const CALL = "proxy_set_property";

test("gives the stream a copy of the value under the path", async () => {
  const results = await inRequest([
    call(CALL, text("state"), text("v\xff")),
    call("proxy_get_property", text("state"), returned()),
    call(CALL, text("a\0b"), text("")),
  ]);
  expect([...results]).toEqual([[0], [0, "v\xff"], [0]]);
  expect([...results.stream.properties.keys()]).toEqual(["state", "a.b"]);
});

test("outside of a stream there is no place for it", async () => {
  expect([...(await inRoot([call(CALL, text("state"), text("v"))]))]).toEqual([[1]]);
});

test("bad pointers", async () => {
  const results = await inRequest([call(CALL, OUTSIDE, 1, text("v")), call(CALL, text("state"), OUTSIDE, 1)]);
  expect([...results]).toEqual([[6], [6]]);
});
