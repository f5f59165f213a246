/** The steps of `npm test`, in their order: what each runs, and how its tests are counted. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileFilter, ensureFilter, FILTER } from "./build.js";
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
  /** Runs it, with its output on the terminal; the result is its tests, a step without tests is one itself. */
  run(): Promise<Counts>;
}

/** A step that cannot run on this machine; `npm test` skips it, or fails where CI is set. */
export class StepSkipped extends Error {}

const AS_SOURCES = ["assembly/**/*.ts", "test/assembly/**/*.ts"];

export const STEPS: Step[] = [
  {
    name: "lint",
    quick: true,
    run: () => check(nodeCommand("@biomejs/biome/bin/biome", "check", "--error-on-warnings")),
  },
  {
    name: "format",
    quick: true,
    run: () => check(nodeCommand("prettier/bin/prettier.cjs", "--check", "--log-level", "warn", ...AS_SOURCES)),
  },
  { name: "types", quick: true, run: () => check(nodeCommand("typescript/bin/tsc", "-p", ".")) },
  { name: "build", quick: true, run: builds },
  { name: "assembly", quick: true, run: asPect },
  { name: "unit", quick: true, run: () => vitest("unit*") },
  { name: "scenarios:simulator", quick: true, run: () => vitest("scenarios:simulator") },
  {
    name: "scenarios:envoy",
    quick: false,
    async run() {
      const envoy = await need("envoy");
      if ("missing" in envoy) throw new StepSkipped(new ToolMissing(envoy).message);
      return vitest("scenarios:envoy");
    },
  },
  { name: "compat", quick: false, run: () => vitest("compat") },
];

const one = (passed: boolean): Counts => ({ passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 });

async function check(command: [string, ...string[]]): Promise<Counts> {
  return one((await run(command, { show: true })).status === 0);
}

/** Builds the filter, and once more: the same sources give the same bytes. */
async function builds(): Promise<Counts> {
  const again = "build/again.wasm";
  try {
    await ensureFilter();
    await compileFilter(again);
    const same = readFileSync(inProject(FILTER)).equals(readFileSync(inProject(again)));
    if (!same) console.log(`${FILTER} differs from a second build of the same sources`);
    return one(same);
  } catch (error) {
    console.log((error as Error).message);
    return one(false);
  } finally {
    rmSync(inProject(again), { force: true });
  }
}

/** The specs of the filter's modules; counted from as-pect's summary. */
async function asPect(): Promise<Counts> {
  const asp = nodeCommand("@as-pect/cli/bin/asp.js", "--config", "dist/scripts/as-pect.config.js", "--summary");
  const { status, output } = await run(asp, { show: true });
  const summary = /\[Tests\]: (\d+) \/ (\d+)/.exec(output);
  const passed = Number(summary?.[1] ?? 0);
  const failed = Number(summary?.[2] ?? 0) - passed;
  return atLeastOneFailed({ passed, failed, skipped: 0 }, status);
}

async function vitest(project: string): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), "limpet-test-"));
  const report = join(folder, "report.json");
  try {
    const { status } = await run(
      nodeCommand(
        "vitest/vitest.mjs",
        ...["run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
      ),
      { show: true },
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
