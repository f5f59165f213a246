/** `npm run bench:growth`: how the filter's own work on a request that sticks grows, and what starting it takes. */
import { randomInt } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { Command } from "commander";
import { ensureFilter, FILTER } from "../../scripts/build.js";
import { inProject, say } from "../../scripts/project.js";
import { randomFractions } from "../../scripts/random.js";
import { markdownTable, writeMeasured } from "../page.js";
import { median, quantile, shuffled } from "../statistics.js";
import { HAND_OFF, type Step, steps } from "./axes.js";

const { rounds, requests, seed } = new Command("npm run bench:growth --")
  .description("Measures how the cost of a request grows, and writes docs/growth.json and docs/benchmarks.md")
  .option("--rounds <n>", "turns of each step", Number, 60)
  .option("--requests <n>", "in a turn", Number, 400)
  .option("--seed <n>", "of the order of turns", Number, Number(process.env.LIMPET_SEED ?? randomInt(2 ** 31)))
  .parse()
  .opts<{ rounds: number; requests: number; seed: number }>();

say(`seed ${seed}`);
await ensureFilter();
const { start } = await import("./host.js");

const places = steps().map((step) => {
  const began = performance.now();
  const guest = start(step.configuration, step.fields, HAND_OFF);
  const configured = performance.now() - began;
  for (let i = 0; i < 20_000; i++) guest.request();
  if (guest.asked === "") throw new Error(`${step.axis} ${step.value}: the request asked for nobody`);
  return { step, guest, configured, memory: guest.memory, took: [] as number[] };
});
const random = randomFractions(seed);
for (let round = 0; round < rounds; round++) {
  for (const i of shuffled(places.length, random)) {
    const { guest, took } = places[i] as (typeof places)[number];
    const before = process.hrtime.bigint();
    for (let j = 0; j < requests; j++) guest.request();
    took.push(Number(process.hrtime.bigint() - before) / requests);
  }
}
for (const { step, guest, memory } of places) {
  if (guest.memory !== memory)
    throw new Error(`${step.axis} ${step.value}: its memory grew from ${memory} to ${guest.memory}`);
}
const rows = places.map(({ step, configured, memory, took }) => ({
  axis: step.axis,
  value: step.value,
  // Noise only ever adds: the low end is the work.
  ns: Math.round(quantile(took, 0.1)),
  ns_median: Math.round(median(took)),
  configure_ms: Math.round(configured * 10) / 10,
  memory_kib: memory / 1024,
}));
const compiled = await compileTimes();
writeFileSync(
  inProject("docs/growth.json"),
  `${JSON.stringify({ rounds, requests, seed, compile_ms: compiled, rows }, undefined, 2)}\n`,
);

const head = [
  "what grows",
  "to",
  "ns a request (10th percentile)",
  "times the first",
  "configure, ms",
  "VM memory, KiB",
];
const first = (axis: Step["axis"]) => rows.find((row) => row.axis === axis)?.ns ?? Number.NaN;
const table = rows.map(({ axis, value, ns, configure_ms, memory_kib }) => [
  ...[axis, `${value}`, `${ns}`, (ns / first(axis)).toFixed(2), configure_ms.toFixed(1), `${memory_kib}`],
]);
const told = `Compiling the module takes ${compiled.toFixed(1)} ms (median of 15, Node's V8, before any of it is optimised).`;
writeMeasured("docs/benchmarks.md", "npm run bench:growth", `${markdownTable([head, ...table])}\n\n${told}`);
console.log(markdownTable([head, ...table]));
console.log(told);

async function compileTimes(): Promise<number> {
  const bytes = readFileSync(inProject(FILTER));
  const took: number[] = [];
  for (let i = 0; i < 15; i++) {
    const began = performance.now();
    // A byte more in a custom section each time: V8 keeps what it has compiled.
    await WebAssembly.compile(Buffer.concat([bytes, Buffer.from([0, 2, 1, i])]));
    took.push(performance.now() - began);
  }
  return Math.round(median(took) * 10) / 10;
}
