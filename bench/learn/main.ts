/** `npm run measure:learn`: the table of learned sessions in the real filter at scale, in the simulator's wasm host. */
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { Command } from "commander";
import { inProject, say } from "../../scripts/project.js";
import { measureContention, measureFill, measureSize } from "./measure.js";
import { SCALE_JSON, type Scale, writeScale } from "./report.js";

const TURNS = 15;
const TIMES = 4000;
const FILLS = [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1, 1.05, 1.1];
const CONTENDED = [1, 8, 64, 4096];

const { sessions, buckets, changes, seed } = new Command("npm run measure:learn --")
  .description("Measures the table of learned sessions, and writes docs/learn-scale.* and docs/learned-sessions.md")
  .option("--sessions <n...>", "sizes of tables", (text, all: number[] = []) => [...all, Number(text)])
  .option("--buckets <n>", "of the table that is filled beyond its size", Number, 8192)
  .option("--changes <n>", "that other workers overtake", Number, 2000)
  .option("--seed <n>", "of the fingerprints' key", Number, Number(process.env.LIMPET_SEED ?? 1))
  .parse()
  .opts<{ sessions?: number[]; buckets: number; changes: number; seed: number }>();

const scale: Scale = {
  date: new Date().toISOString().slice(0, 10),
  machine: { processor: cpus()[0]?.model ?? "unknown", cores: availableParallelism() },
  seed,
  sizes: [],
  fill_buckets: buckets,
  fills: [],
  contention: [],
};
for (const count of CONTENDED) {
  say(`8 workers contend for ${count} buckets`);
  scale.contention.push(await measureContention(count, changes, seed));
}
say(`filling ${buckets} buckets`);
scale.fills = await measureFill(buckets, FILLS, seed);
for (const count of sessions ?? [1000, 10_000, 100_000, 1_000_000, 10_000_000]) {
  say(`${count} sessions`);
  scale.sizes.push(await measureSize(count, seed, TURNS, TIMES));
}
writeFileSync(inProject(SCALE_JSON), `${JSON.stringify(scale, undefined, 2)}\n`);
writeScale(scale);
