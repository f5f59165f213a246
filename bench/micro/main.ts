/** `npm run bench:micro`: the filter's pure modules beside the best packages of npm, in turns. */
import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { Bench } from "tinybench";
import { inProject, say } from "../../scripts/project.js";
import { randomFractions } from "../../scripts/random.js";
import { markdownTable, writeMeasured } from "../page.js";
import { median, shuffled } from "../statistics.js";
import { type Case, cases } from "./cases.js";

/** What one sample takes at least: far more than the clock's step. */
const SAMPLE_NS = 100_000;

const { rounds, time, seed } = new Command("npm run bench:micro --")
  .description(
    "Measures the filter's modules against packages of npm, and writes docs/micro.json and docs/benchmarks.md",
  )
  .option("--rounds <n>", "turns of each way", Number, 7)
  .option("--time <ms>", "that a turn takes", Number, 40)
  .option("--seed <n>", "of the inputs and the order", Number, Number(process.env.LIMPET_SEED ?? randomInt(2 ** 31)))
  .parse()
  .opts<{ rounds: number; time: number; seed: number }>();

say(`seed ${seed}`);
const random = randomFractions(seed);
const rows = [];
for (const { job, size, ways } of await cases(seed)) rows.push({ job, size, ns: await inTurns(ways) });
writeFileSync(inProject("docs/micro.json"), `${JSON.stringify({ rounds, seed, cases: rows }, undefined, 2)}\n`);
const head = ["job", "on", "Limpet", "the others", "Limpet's share of the quickest other"];
const table = rows.map(({ job, size, ns }) => {
  const [own = Number.NaN, ...others] = Object.values(ns);
  const names = Object.keys(ns).slice(1);
  const told = names.map((name, i) => `${name} ${duration(others[i] as number)}`).join(", ");
  const share = others.length === 0 ? "" : (own / Math.min(...others)).toFixed(2);
  return [job, size, duration(own), told || "none is kept that does this", share];
});
writeMeasured("docs/benchmarks.md", "npm run bench:micro", markdownTable([head, ...table]));
console.log(markdownTable([head, ...table]));

/** The median over the rounds of what each way takes, in ns. */
async function inTurns(ways: Case["ways"]): Promise<Record<string, number>> {
  const entries = Object.entries(ways).map(([name, act]) => ({ name, act, often: often(act), took: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const i of shuffled(entries.length, random)) {
      const { act, often, took } = entries[i] as (typeof entries)[number];
      const bench = new Bench({ time, warmup: round === 0 });
      bench.add("way", () => {
        for (let j = 0; j < often; j++) act();
      });
      await bench.run();
      const result = bench.tasks[0]?.result;
      if (result?.state !== "completed") throw new Error(`a turn ended ${result?.state}`);
      took.push((result.latency.p50 * 1e6) / often);
    }
  }
  return Object.fromEntries(entries.map(({ name, took }) => [name, Math.round(median(took) * 10) / 10]));
}

/** How often it is done in a sample. */
function often(act: () => unknown): number {
  for (let times = 1; ; times *= 2) {
    const before = process.hrtime.bigint();
    for (let i = 0; i < times; i++) act();
    if (process.hrtime.bigint() - before > SAMPLE_NS) return times;
  }
}

function duration(ns: number): string {
  if (ns >= 1e6) return `${(ns / 1e6).toFixed(1)} ms`;
  return ns >= 1e3 ? `${(ns / 1e3).toFixed(2)} µs` : `${ns.toFixed(0)} ns`;
}
