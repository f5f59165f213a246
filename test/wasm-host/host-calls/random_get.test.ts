import { expect, test } from "vitest";
import { call, cell } from "../guest.js";
import { inRequest, OUTSIDE, testServices } from "../harness.js";

test("fills the bytes from the services' source", async () => {
  const services = testServices({ random: (target) => target.fill(0x5a) });
  const results = await inRequest([call("random_get", cell(8), 5)], { services });
  expect([...results]).toEqual([[0, "ZZZZZ\xee\xee\xee"]]);
});

test("the default source gives different bytes each time", async () => {
  const [first, second] = await inRequest([call("random_get", cell(16), 16), call("random_get", cell(16), 16)]);
  expect(first![0]).toBe(0);
  expect(first).not.toEqual(second);
});

test("more than 64 KiB is INVAL; nothing is always SUCCESS; a bad pointer is FAULT", async () => {
  const results = await inRequest([
    call("random_get", OUTSIDE, 65537),
    call("random_get", 0, 65536),
    call("random_get", OUTSIDE, 0),
    call("random_get", OUTSIDE, 1),
  ]);
  expect([...results]).toEqual([[28], [0], [0], [21]]);
});
