import { expect, test } from "vitest";
import { call, returned } from "../guest.js";
import { bytes, inRequest, inRoot, OUTSIDE, start, TestStream } from "../harness.js";

const CALL = "proxy_get_buffer_bytes";
const REQUEST_BODY = 0;
const VM_CONFIGURATION = 6;
const PLUGIN_CONFIGURATION = 7;

test("gives a part of the body; beyond its end there is nothing", async () => {
  const ranges = [
    [0, 100],
    [1, 2],
    [5, 2],
    [6, 2],
    [1, -1],
    [-1, -1],
    [0, 0],
  ] as const;
  const { plugin, results } = await start({
    callbacks: {
      proxy_on_request_body: { steps: ranges.map(([at, size]) => call(CALL, REQUEST_BODY, at, size, returned())) },
    },
  });
  const host = new TestStream();
  host.bodies.request = bytes("hello");
  plugin.createStream(host).onRequestBody(5, true);
  expect(results("proxy_on_request_body").map(([status, part]) => [status, part])).toEqual([
    [0, "hello"],
    [0, "el"],
    [0, ""],
    [0, ""],
    [0, "ello"],
    [0, ""],
    [0, ""],
  ]);
});

test("a body that is not there reads as empty", async () => {
  const stream = new TestStream();
  stream.bodies.request = bytes("later");
  const results = await inRequest([call(CALL, REQUEST_BODY, 0, 9, returned())], { stream });
  expect([...results]).toEqual([[0, ""]]);
});

test("the plugin's configuration is there in proxy_on_configure, the VM's always", async () => {
  const steps = [call(CALL, PLUGIN_CONFIGURATION, 0, 99, returned()), call(CALL, VM_CONFIGURATION, 0, 99, returned())];
  const vm = [0, "vm configuration"];
  expect([...(await inRoot(steps))]).toEqual([[0, "plugin configuration"], vm]);
  expect([...(await inRequest(steps))]).toEqual([[1], vm]);
  const { results } = await start({ callbacks: { proxy_on_vm_start: { steps, returns: 1 } } });
  expect(results("proxy_on_vm_start")).toEqual([[1], vm]);
});

test("bad buffer types, buffers that are not there, and pointers", async () => {
  const results = await inRequest([
    call(CALL, 9, 0, 1, returned()),
    call(CALL, -1, 0, 1, returned()),
    call(CALL, 4, 0, 1, returned()),
    call(CALL, VM_CONFIGURATION, 0, 1, OUTSIDE, OUTSIDE),
    call(CALL, REQUEST_BODY, 0, 1, OUTSIDE, OUTSIDE),
  ]);
  expect([...results]).toEqual([[2], [2], [1], [6], [6]]);
});
