/** The steps of `npm test`, in their order: what each runs, and how its tests are counted. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileFilter, ensureFilter, FILTER, FilterBroken, SOURCES } from "./build.js";
import { inProject, nodeCommand, run } from "./project.js";
import { need, ToolMissing } from "./tools/need.js";

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export interface Step {
  name: string;
  /** Also run by `npm run test:quick`. */
  quick: boolean;
  /** Uses all processors: runs alone, and shows its output as it comes. */
  alone: boolean;
  /** Runs it; the result is its tests, a step without tests is one itself. */
  run(show: Show): Promise<Counts>;
}

export type Show = (text: string) => void;

/** A step that cannot run on this machine; `npm test` skips it, or fails where CI is set. */
export class StepSkipped extends Error {}

const LINT = nodeCommand("@biomejs/biome/bin/biome", "check", "--error-on-warnings");
const FORMAT = nodeCommand(
  "prettier/bin/prettier.cjs",
  ...["--check", "--log-level", "warn", "assembly/**/*.ts", "test/assembly/**/*.ts", "bench/peers/*/index.ts"],
);
const TYPES = nodeCommand("typescript/bin/tsc", "-p", ".");

export const STEPS: Step[] = [
  { name: "assembly", quick: true, alone: false, run: asPect },
  { name: "lint", quick: true, alone: false, run: (show) => check(LINT, show) },
  { name: "format", quick: true, alone: false, run: (show) => check(FORMAT, show) },
  { name: "types", quick: true, alone: false, run: (show) => check(TYPES, show) },
  { name: "build", quick: false, alone: false, run: builds },
  { name: "unit", quick: true, alone: true, run: (show) => vitest("unit", show) },
  { name: "scenarios:simulator", quick: true, alone: true, run: (show) => vitest("scenarios:simulator", show) },
  {
    name: "scenarios:envoy",
    quick: false,
    alone: true,
    async run(show) {
      const envoy = await need("envoy");
      if ("missing" in envoy) throw new StepSkipped(new ToolMissing(envoy).message);
      return vitest("scenarios:envoy", show);
    },
  },
  { name: "fuzz", quick: false, alone: true, run: (show) => script("test/fuzz/main", show) },
  { name: "attack", quick: false, alone: true, run: attack },
  { name: "compat", quick: false, alone: true, run: (show) => vitest("compat", show) },
  { name: "conformance", quick: false, alone: true, run: (show) => vitest("conformance", show) },
  { name: "browser", quick: false, alone: true, run: (show) => vitest("browser", show) },
  { name: "docker:scenarios", quick: false, alone: true, run: (show) => vitest("docker:scenarios", show) },
  { name: "docker:world", quick: false, alone: true, run: (show) => vitest("docker:world", show) },
];

const one = (passed: boolean): Counts => ({ passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 });

async function check(command: [string, ...string[]], show: Show): Promise<Counts> {
  return one((await run(command, { show })).status === 0);
}

/** Builds the filter, and once more in a folder elsewhere: the same sources give the same bytes. */
async function builds(show: Show): Promise<Counts> {
  const elsewhere = mkdtempSync(join(tmpdir(), "limpet-elsewhere-"));
  try {
    await ensureFilter();
    for (const source of SOURCES) cpSync(inProject(source), join(elsewhere, source), { recursive: true });
    symlinkSync(inProject("node_modules"), join(elsewhere, "node_modules"));
    mkdirSync(join(elsewhere, "build"));
    await compileFilter(FILTER, [], elsewhere);
    const same = readFileSync(inProject(FILTER)).equals(readFileSync(join(elsewhere, FILTER)));
    if (!same) show(`${FILTER} differs from a second build of the same sources\n`);
    return one(same);
  } catch (error) {
    if (!(error instanceof FilterBroken)) throw error;
    show(`${error.message}\n`);
    return one(false);
  } finally {
    rmSync(elsewhere, { recursive: true });
  }
}

/** The specs of the filter's modules; counted from as-pect's summary. */
async function asPect(show: Show): Promise<Counts> {
  const asp = nodeCommand("@as-pect/cli/bin/asp.js", "--config", "dist/scripts/as-pect.config.js", "--summary");
  const { status, output } = await run(asp, { show });
  const summary = /\[Tests\]: (\d+) \/ (\d+)/.exec(output);
  const passed = Number(summary?.[1] ?? 0);
  const failed = Number(summary?.[2] ?? 0) - passed;
  return atLeastOneFailed({ passed, failed, skipped: 0 }, status);
}

/** On the real Envoy, for a few seconds. */
async function attack(show: Show): Promise<Counts> {
  const envoy = await need("envoy");
  if ("missing" in envoy) throw new StepSkipped(new ToolMissing(envoy).message);
  return script("test/attack/main", show);
}

/** A script that checks for itself; counted from its last line. */
async function script(name: string, show: Show): Promise<Counts> {
  const { status, output } = await run([process.execPath, inProject(`dist/${name}.js`)], { show });
  const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(output) ?? [];
  return atLeastOneFailed({ passed: Number(passed ?? 0), failed: Number(failed ?? 0), skipped: 0 }, status);
}

async function vitest(project: string, show: Show): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), "limpet-test-"));
  const report = join(folder, "report.json");
  try {
    const { status } = await run(
      nodeCommand(
        "vitest/vitest.mjs",
        ...["run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
      ),
      { show },
    );
    if (!existsSync(report)) return one(false);
    const result = JSON.parse(readFileSync(report, "utf8"));
    const { numPassedTests: passed, numFailedTests: failed, numPendingTests, numTodoTests } = result;
    return atLeastOneFailed({ passed, failed, skipped: numPendingTests + numTodoTests }, status);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A runner that failed outside its tests (a file that does not load) has one failure more. */
function atLeastOneFailed(counts: Counts, status: number): Counts {
  return status === 0 || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}
