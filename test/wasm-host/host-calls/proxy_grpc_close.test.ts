import { expect, test } from "vitest";
import { call } from "../guest.js";
import { start, TestStream } from "../harness.js";

test("may be imported, and traps by its name", async () => {
  const steps = [call("proxy_grpc_close", ...Array<number>(1).fill(0))];
  const { plugin, vm } = await start({ callbacks: { proxy_on_request_headers: { steps } } });
  const stream = plugin.createStream(new TestStream());
  expect(() => stream.onRequestHeaders(true)).toThrow("proxy_grpc_close is not implemented by this host");
  expect(vm.failed).toBe(true);
});
