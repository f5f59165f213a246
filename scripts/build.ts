/** Builds the filter: `npm run build`, and whatever needs it finds it built. */
import { createHash } from "node:crypto";
import { readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inProject, newestChange, nodeCommand, ROOT, run, say } from "./project.js";

export const FILTER = "build/limpet.wasm";

/** The same sources, with a log of how each decision is made (assembly/trace.ts): what `limpet explain` runs. */
export const TRACING_FILTER = "build/limpet-trace.wasm";

const TRANSFORM = "scripts/compact-texts.mjs";
/** All that the filter is made of, besides the packages. */
export const SOURCES = ["assembly", "asconfig.json", "package-lock.json", TRANSFORM];

/**
 * Binaryen's passes over what the compiler makes: 1.4 KB less (docs/decisions/0006-size.md). asc has them too, but inlines
 * only small functions where there is a single call.
 */
const SHRINK = [
  ...["bulk-memory", "bulk-memory-opt", "sign-ext", "nontrapping-float-to-int", "mutable-globals"].map(
    (feature) => `--enable-${feature}`,
  ),
  "-Oz",
  ...["--one-caller-inline-max-function-size", "100000"],
  ...["--const-hoisting", "--reorder-functions"],
];

/** The filter's sources do not compile; the message is the compiler's. */
export class FilterBroken extends Error {}

/** Compiles assembly/ to `outFile`, a path from the folder of the project or of a copy; `options` are the compiler's. Throws FilterBroken. */
export async function compileFilter(outFile: string, options: string[] = [], folder = ROOT): Promise<void> {
  // Under another name first: who reads the file meanwhile, or compiles it too, gets a whole one.
  const unfinished = `${outFile}.${process.pid}`;
  const asc = nodeCommand(
    "assemblyscript/bin/asc.js",
    "--target",
    "release",
    "--transform",
    `./${TRANSFORM}`,
    "--outFile",
    unfinished,
    ...options,
  );
  for (const step of [asc, nodeCommand("binaryen/bin/wasm-opt", unfinished, ...SHRINK, "--output", unfinished)]) {
    const { status, output } = await run(step, { folder });
    if (status !== 0) throw new FilterBroken(`the filter does not compile\n${output}`);
  }
  renameSync(join(folder, unfinished), join(folder, outFile));
}

/** Compiles build/limpet.wasm if a source is newer. */
export const ensureFilter = () => compileTo(FILTER);

/** Compiles build/limpet-trace.wasm if a source is newer. */
export const ensureTracingFilter = () => compileTo(TRACING_FILTER, "--use", "abort=", "--use", "TRACE=1");

/** As `compileFilter`, if a source is newer than the file. */
export async function compileTo(outFile: string, ...options: string[]): Promise<void> {
  const built = statSync(inProject(outFile), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built >= Math.max(...SOURCES.map((source) => newestChange(inProject(source))))) return;
  say(`compiling the filter (asc) to ${outFile}`);
  const started = performance.now();
  await compileFilter(outFile, options);
  say(`  done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await compileFilter(FILTER);
  const wasm = readFileSync(inProject(FILTER));
  say(`${FILTER}: ${wasm.length} bytes, sha256 ${createHash("sha256").update(wasm).digest("hex")}`);
}
