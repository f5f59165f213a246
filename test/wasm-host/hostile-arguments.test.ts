import fc from "fast-check";
import { expect, test } from "vitest";
import { Errno, Status } from "../../host-sim/wasm-host/abi.js";
import { HOST_CALLS } from "../../host-sim/wasm-host/host-calls/table.js";
import { type Arg, call, type Step } from "./guest.js";
import { bytes, fields, OUTSIDE, start, TestStream } from "./harness.js";

// LIMPET_SEED repeats a run.
const seed = Number(process.env.LIMPET_SEED ?? Math.floor(Math.random() * 2 ** 31));

const MEMORY_END = 13 * 65536;
/** Types, sizes and pointers at the edges; the guest has nothing of its own at 0 to 15. */
const i32 = fc.constantFrom(
  0,
  1,
  2,
  3,
  4,
  5,
  6,
  7,
  8,
  9,
  15,
  MEMORY_END - 4,
  MEMORY_END - 1,
  MEMORY_END,
  OUTSIDE,
  -4,
  -1,
);
const i64 = fc.constantFrom(0n, 1n, -1n, 2n ** 62n, -(2n ** 63n));
const hostCall: fc.Arbitrary<Step> = fc
  .constantFrom(...HOST_CALLS.filter((row) => row.call !== undefined && row.abi.includes("0.2.1")))
  .chain(({ module, name, signature }) => {
    const parameters = [...signature.slice(1, signature.indexOf(")"))];
    const args = parameters.map((letter): fc.Arbitrary<Arg> => (letter === "l" ? i64 : i32));
    return fc.tuple(...args).map((values) => call(`${module}:${name}`, ...values));
  });

test(`whatever a filter passes to the host gives a status, never an error (LIMPET_SEED=${seed})`, async () => {
  const known = new Set<number>([...Object.values(Status), ...Object.values(Errno)]);
  const steps = fc.sample(hostCall, { seed, numRuns: 4000 });
  const { plugin, vm, results } = await start({ callbacks: { proxy_on_request_body: { steps } } });
  const host = new TestStream();
  host.maps["request trailers"] = fields("trailers", [["t", "v"]]);
  host.bodies.request = bytes("hello");
  const stream = plugin.createStream(host);
  stream.onRequestBody(5, true);
  expect(vm.failed).toBe(false);
  const statuses = results("proxy_on_request_body").map(([status]) => status);
  expect(statuses).toHaveLength(steps.length);
  expect(statuses.filter((status) => !known.has(status))).toEqual([]);
});
