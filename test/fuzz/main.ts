/**
 * `npm run fuzz -- [--seconds N] [--keep] [TARGET...]`: feeds made-up input to the filter and the
 * simulator, N seconds in all (10, or 60 where CI is set). `--keep` writes what was new into
 * corpus/. LIMPET_SEED repeats a run's numbers. The last line is `N passed, N failed`, a target each.
 */
import { parseArgs } from "node:util";
import { readCorpus, shown, writeCorpus } from "./corpus.js";
import { fuzzNode } from "./fuzz-node.js";
import { type Finding, fuzzWasm, minimised } from "./fuzz-wasm.js";
import { fuzzedFilter } from "./life.js";
import { Random } from "./random.js";
import { NODE_TARGETS, WASM_TARGETS } from "./targets/table.js";

const { values, positionals } = parseArgs({
  options: { seconds: { type: "string", default: process.env.CI ? "60" : "10" }, keep: { type: "boolean" } },
  allowPositionals: true,
});
const known = [...WASM_TARGETS, ...NODE_TARGETS].map(({ name }) => name);
const unknown = positionals.find((name) => !known.includes(name));
const seconds = Number(values.seconds);
if (unknown !== undefined || !(seconds > 0)) {
  console.error(
    unknown === undefined
      ? "--seconds: expected a number above 0"
      : `no target "${unknown}"; there are: ${known.join(", ")}`,
  );
  process.exit(2);
}
const seed = Number(process.env.LIMPET_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`LIMPET_SEED=${seed}`);

const wanted = ({ name }: { name: string }) => positionals.length === 0 || positionals.includes(name);
const [inWasm, inNode] = [WASM_TARGETS.filter(wanted), NODE_TARGETS.filter(wanted)];
const share = (seconds * 1000) / (inWasm.length + inNode.length);
const findings: Finding[] = [];
let executions = 0;

const subject = inWasm.length === 0 ? undefined : await fuzzedFilter();
for (const target of inWasm) {
  const random = new Random(seed);
  const started = performance.now();
  const kept = readCorpus(target.name);
  const fuzzed = fuzzWasm(target, subject!, kept, random, () => performance.now() - started > share);
  const rate = (fuzzed.executions / (performance.now() - started)) * 1000;
  executions += fuzzed.executions;
  findings.push(...fuzzed.findings);
  const { again, places, memory, corpus } = fuzzed;
  report(target.name, fuzzed.executions, rate, fuzzed.findings, [
    `${again} with other guard bytes`,
    `${places} of ${subject!.counters} places, ${corpus.length} inputs`,
    `memory ${memory}`,
  ]);
  if (values.keep) writeCorpus(target.name, minimised(target, subject!, corpus));
}
console.log(`${executions} executions over the wasm`);
for (const target of inNode) {
  const started = performance.now();
  const fuzzed = await fuzzNode(
    target,
    readCorpus(target.name),
    new Random(seed),
    () => performance.now() - started > share,
  );
  const rate = (fuzzed.executions / (performance.now() - started)) * 1000;
  findings.push(...fuzzed.findings);
  report(target.name, fuzzed.executions, rate, fuzzed.findings, []);
}

const failed = new Set(findings.map(({ target }) => target)).size;
console.log(`\n${inWasm.length + inNode.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

function report(name: string, executions: number, rate: number, found: Finding[], more: string[]): void {
  const figures = [`${executions} executions`, `${Math.round(rate)} a second`, ...more, `${found.length} findings`];
  console.log(`${name.padEnd(12)} ${figures.join(", ")}`);
  for (const { message, input } of found) console.log(`  ${message}\n  ${shown(input)}`);
}
