import { expect, test } from "vitest";
import { WASI_FILE_CALLS } from "../../../host-sim/wasm-host/host-calls/wasi-files.js";
import { type Arg, call, cell, iovec, type Step } from "../guest.js";
import { inRequest } from "../harness.js";
import { WASI_ANSWERS } from "../wasi-answers.js";

test("every function answers as Envoy does, from wasi_snapshot_preview1 and from wasi_unstable", async () => {
  const steps = WASI_ANSWERS.map(([step]) => step);
  const expected = WASI_ANSWERS.map(([, result]) => result);
  expect([...(await inRequest(steps))]).toEqual(expected);
  const unstable = steps.map((step): Step => (step.kind === "call" ? { ...step, module: "wasi_unstable" } : step));
  expect([...(await inRequest(unstable))]).toEqual(expected);
});

test("the list above has every function", () => {
  const tested = new Set(WASI_ANSWERS.map(([step]) => (step.kind === "call" ? step.name : "")));
  expect([...tested].sort()).toEqual(WASI_FILE_CALLS.map(({ name }) => name).sort());
});

test("fd_pwrite logs like fd_write", async () => {
  const args: Arg[] = [2, iovec("to stderr\n"), 0n, cell()];
  const { services } = await inRequest([call("fd_pwrite", ...args)]);
  expect(services.logs).toContainEqual({ level: "error", plugin: "plugin", message: "to stderr" });
});
