import { expect, test } from "vitest";
import { createVm, loadModule } from "../../../host-sim/wasm-host/index.js";
import { call, cell, guest } from "../guest.js";
import { inRequest, OUTSIDE, resultsOf, testServices, VM } from "../harness.js";

test("writes NAME=value with a NUL each, as UTF-8, and the pointers to them", async () => {
  const services = testServices();
  const steps = [call("environ_get", cell(8), cell(24))];
  const module = await loadModule(guest({ callbacks: { _initialize: { steps } } }));
  await createVm(module, services, { ...VM, environment: { A: "1", NAME: "é" } });
  const [[status, pointers, values] = []] = resultsOf(services.logs, "_initialize");
  expect(status).toBe(0);
  expect(values!.slice(0, 12)).toBe("A=1\0NAME=\xc3\xa9\0");
  const at = Buffer.from(pointers!, "latin1");
  expect(at.readUInt32LE(4) - at.readUInt32LE(0)).toBe("A=1\0".length);
});

test("bad pointers are FAULT", async () => {
  const results = await inRequest([call("environ_get", OUTSIDE, cell()), call("environ_get", cell(), OUTSIDE)]);
  expect([...results]).toEqual([[21], [21]]);
});
