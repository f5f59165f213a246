import { expect, test } from "vitest";
import { call, returned, text } from "../guest.js";
import { bytes, inRequest, inRoot, OUTSIDE, TestStream } from "../harness.js";

const get = (path: string) => call("proxy_get_property", text(path), returned());

test("asks the stream for an attribute by the parts of its path", async () => {
  const stream = new TestStream();
  stream.properties.set("request.path", bytes("/p"));
  stream.properties.set("request..path", bytes("an empty part"));
  const results = await inRequest(
    [get("request\0path"), get("request\0path\0"), get("request\0\0path"), get("request")],
    {
      stream,
    },
  );
  expect([...results]).toEqual([[0, "/p"], [0, "/p"], [0, "an empty part"], [1]]);
});

test("knows the plugin itself, in a stream and outside", async () => {
  const steps = ["plugin_name", "plugin_root_id", "plugin_vm_id", "plugin_name\0x"].map(get);
  const expected = [[0, "plugin"], [0, "root"], [0, "vm"], [1]];
  expect([...(await inRequest(steps))]).toEqual(expected);
  expect([...(await inRoot([...steps, get("request\0path")]))]).toEqual([...expected, [1]]);
});

test("no path at all cannot be serialised", async () => {
  expect([...(await inRequest([get(""), get("\0")]))]).toEqual([[3], [1]]);
});

test("bad pointers", async () => {
  const results = await inRequest([
    call("proxy_get_property", OUTSIDE, 3, returned()),
    call("proxy_get_property", text("plugin_name"), OUTSIDE, OUTSIDE),
    call("proxy_get_property", text("nope"), OUTSIDE, OUTSIDE),
  ]);
  expect([...results]).toEqual([[6], [6], [1]]);
});
