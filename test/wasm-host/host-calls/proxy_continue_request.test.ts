import { expect, test } from "vitest";
import { call } from "../guest.js";
import { start, TestStream } from "../harness.js";

const steps = [call("proxy_continue_request")];

test("asks for it after the callback (ABI 0.1.0)", async () => {
  const { plugin, results } = await start({ abi: ["0.1.0"], callbacks: { proxy_on_request_body: { steps } } });
  const host = new TestStream();
  plugin.createStream(host).onRequestBody(0, true);
  expect(results("proxy_on_request_body")).toEqual([[0]]);
  expect(host.events).toEqual(["continue request"]);
});

test("is not in later ABIs", async () => {
  const script = { abi: ["0.2.0"], callbacks: { proxy_on_request_body: { steps } } };
  await expect(start(script)).rejects.toThrow("import env.proxy_continue_request is of ABI 0.1.0, but");
});
