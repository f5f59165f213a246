/**
 * `npm test [-- STEP...]`: every check and test, one step after the other; `--quick` leaves out the
 * steps that need the real Envoy. A STEP is a step's name, or what stands before its colon.
 * The last line is `N passed, N failed[, N skipped]`.
 */
import pc from "picocolors";
import { STEPS, type Step, StepSkipped } from "./test-steps.js";

interface Outcome {
  step: string;
  seconds: number;
  passed: number;
  failed: number;
  skipped: number;
  /** Why the whole step was skipped. */
  reason?: string;
}

const steps = chosen(process.argv.slice(2));
const outcomes: Outcome[] = [];
for (const step of steps) {
  console.log(pc.bold(`\n── ${step.name}`));
  outcomes.push(await timed(step));
}
summarise(outcomes);

function chosen(args: string[]): Step[] {
  const names = args.filter((arg) => arg !== "--quick");
  const matches = (step: Step, name: string) => step.name === name || step.name.startsWith(`${name}:`);
  const unknown = names.find((name) => !STEPS.some((step) => matches(step, name)));
  if (unknown !== undefined) {
    console.error(`no step "${unknown}"; there are: ${STEPS.map((step) => step.name).join(", ")}`);
    process.exit(2);
  }
  return STEPS.filter(
    (step) =>
      (names.length === 0 || names.some((name) => matches(step, name))) && (step.quick || !args.includes("--quick")),
  );
}

async function timed(step: Step): Promise<Outcome> {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  try {
    const counts = await step.run();
    return { step: step.name, seconds: seconds(), ...counts };
  } catch (error) {
    if (!(error instanceof StepSkipped)) throw error;
    console.log(error.message);
    const none = { step: step.name, seconds: seconds(), passed: 0, failed: 0, skipped: 0, reason: error.message };
    return process.env.CI ? { ...none, failed: 1 } : { ...none, skipped: 1 };
  }
}

function summarise(outcomes: Outcome[]): void {
  const width = Math.max(...outcomes.map(({ step }) => step.length));
  console.log(pc.bold("\n── summary"));
  for (const { step, seconds, passed, failed, skipped, reason } of outcomes) {
    const mark = failed > 0 ? pc.red("failed ") : reason ? pc.yellow("skipped") : pc.green("ok     ");
    const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
    console.log(`${mark} ${step.padEnd(width)} ${seconds.toFixed(1).padStart(6)} s  ${reason ?? counts}`);
  }
  const sum = (key: "passed" | "failed" | "skipped") => outcomes.reduce((total, outcome) => total + outcome[key], 0);
  const skipped = sum("skipped") > 0 ? `, ${sum("skipped")} skipped` : "";
  console.log(`\n${sum("passed")} passed, ${sum("failed")} failed${skipped}`);
  process.exitCode = sum("failed") > 0 ? 1 : 0;
}
