/**
 * `npm test [-- STEP...]`: every check and test; `--quick` leaves out what needs the real Envoy or
 * other programs. A STEP is a step's name, or what stands before its colon.
 * The last line is `N passed, N failed[, N skipped]`.
 */
import { colours } from "./colours.js";
import { type Show, STEPS, type Step, StepSkipped } from "./test-steps.js";

interface Outcome {
  step: string;
  seconds: number;
  passed: number;
  failed: number;
  skipped: number;
  /** Why the whole step was skipped. */
  reason?: string;
}

/** How many of the steps that do not need the whole machine run at once. */
const AT_ONCE = 2;

const args = process.argv.slice(2);
const quick = args.includes("--quick");
// Seen by the tests' own look for other programs: without them there is no CI either.
if (quick) Object.assign(process.env, { LIMPET_QUICK: "1", LIMPET_TARGET: "simulator", CI: "" });

const steps = chosen(args.filter((arg) => arg !== "--quick"));
const outcomes = new Map<Step, Outcome>();
const waiting = steps.filter((step) => !step.alone);
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) await playWhole(step);
  }),
);
for (const step of steps.filter(({ alone }) => alone)) {
  process.stdout.write(title(step));
  outcomes.set(step, await timed(step, (text) => process.stdout.write(text)));
}
summarise(steps.flatMap((step) => outcomes.get(step) ?? []));

/** Runs a step beside others: its output is shown when it is over. */
async function playWhole(step: Step): Promise<void> {
  let output = "";
  outcomes.set(
    step,
    await timed(step, (text) => {
      output += text;
    }),
  );
  process.stdout.write(title(step) + output);
}

function title(step: Step): string {
  return colours.bold(`\n── ${step.name}\n`);
}

function chosen(names: string[]): Step[] {
  const matches = (step: Step, name: string) => step.name === name || step.name.startsWith(`${name}:`);
  const unknown = names.find((name) => !STEPS.some((step) => matches(step, name)));
  if (unknown !== undefined) {
    console.error(`no step "${unknown}"; there are: ${STEPS.map((step) => step.name).join(", ")}`);
    process.exit(2);
  }
  const wanted = (step: Step) => names.length === 0 || names.some((name) => matches(step, name));
  return STEPS.filter((step) => wanted(step) && (step.quick || !quick));
}

async function timed(step: Step, show: Show): Promise<Outcome> {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  try {
    const counts = await step.run(show);
    return { step: step.name, seconds: seconds(), ...counts };
  } catch (error) {
    if (!(error instanceof StepSkipped)) throw error;
    show(`${error.message}\n`);
    const none = { step: step.name, seconds: seconds(), passed: 0, failed: 0, skipped: 0, reason: error.message };
    return process.env.CI ? { ...none, failed: 1 } : { ...none, skipped: 1 };
  }
}

function summarise(outcomes: Outcome[]): void {
  const width = Math.max(...outcomes.map(({ step }) => step.length));
  console.log(colours.bold("\n── summary"));
  for (const { step, seconds, passed, failed, skipped, reason } of outcomes) {
    const mark = failed > 0 ? colours.red("failed ") : reason ? colours.yellow("skipped") : colours.green("ok     ");
    const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
    console.log(`${mark} ${step.padEnd(width)} ${seconds.toFixed(1).padStart(6)} s  ${reason ?? counts}`);
  }
  const sum = (key: "passed" | "failed" | "skipped") => outcomes.reduce((total, outcome) => total + outcome[key], 0);
  const skipped = sum("skipped") > 0 ? `, ${sum("skipped")} skipped` : "";
  console.log(`\n${sum("passed")} passed, ${sum("failed")} failed${skipped}`);
  process.exitCode = sum("failed") > 0 ? 1 : 0;
}
