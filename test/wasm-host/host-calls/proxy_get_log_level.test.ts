import { expect, test } from "vitest";
import { call, cell } from "../guest.js";
import { inRequest, OUTSIDE, start, testServices, u32 } from "../harness.js";

const CALL = "proxy_get_log_level";

test("gives the level from which the host logs", async () => {
  const services = testServices({ logLevel: "warn" });
  expect([...(await inRequest([call(CALL, cell())], { services }))]).toEqual([[0, u32(3)]]);
  expect([...(await inRequest([call(CALL, cell())]))]).toEqual([[0, u32(2)]]);
});

test("a bad pointer", async () => {
  expect([...(await inRequest([call(CALL, OUTSIDE)]))]).toEqual([[6]]);
});

test("is not in ABI 0.2.0", async () => {
  const script = { abi: ["0.2.0"], callbacks: { proxy_on_log: { steps: [call(CALL, cell())] } } };
  await expect(start(script)).rejects.toThrow("import env.proxy_get_log_level is of ABI 0.2.1, but");
});
