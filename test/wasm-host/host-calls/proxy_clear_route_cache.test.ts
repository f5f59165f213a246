import { expect, test } from "vitest";
import { call, text } from "../guest.js";
import { start, TestStream } from "../harness.js";

const steps = [call("proxy_clear_route_cache"), call("proxy_add_header_map_value", 0, text("a"), text("b"))];

test("has the route picked anew (ABI 0.1.0, where a changed header does not)", async () => {
  const { plugin, results } = await start({
    abi: ["0.1.0"],
    callbacks: { proxy_on_request_body: { steps } },
    extra: `(func (export "proxy_on_request_headers") (param i32 i32) (result i32) (i32.const 1))`,
  });
  const host = new TestStream();
  const stream = plugin.createStream(host);
  expect(stream.onRequestHeaders(false)).toBe("pause");
  stream.onRequestBody(0, true);
  expect(results("proxy_on_request_body")).toEqual([[0], [0]]);
  expect(host.events).toEqual(["clear route cache"]);
});

test("is not in later ABIs", async () => {
  const script = { callbacks: { proxy_on_request_body: { steps } } };
  await expect(start(script)).rejects.toThrow("import env.proxy_clear_route_cache is of ABI 0.1.0, but");
});
