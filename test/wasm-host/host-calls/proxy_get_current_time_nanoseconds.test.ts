import { expect, test } from "vitest";
import { call, cell } from "../guest.js";
import { inRequest, OUTSIDE, testServices, u64 } from "../harness.js";

const CALL = "proxy_get_current_time_nanoseconds";

test("gives the services' time", async () => {
  const services = testServices();
  services.clock.advance(1234);
  const results = await inRequest([call(CALL, cell(8))], { services });
  expect([...results]).toEqual([[0, u64(services.now())]]);
});

test("a bad pointer", async () => {
  expect([...(await inRequest([call(CALL, OUTSIDE)]))]).toEqual([[6]]);
});
