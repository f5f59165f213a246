import { expect, test } from "vitest";
import { call, cell, text } from "../guest.js";
import { start, TestStream } from "../harness.js";

test("may be imported, and traps by its name", async () => {
  const steps = [call("envoy_resolve_dns", text("localhost"), cell())];
  const { plugin } = await start({ callbacks: { proxy_on_request_headers: { steps } } });
  const stream = plugin.createStream(new TestStream());
  expect(() => stream.onRequestHeaders(true)).toThrow("envoy_resolve_dns is not implemented by this host");
});
