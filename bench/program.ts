/** Programs that the benchmarks start: ended by their pid, whatever happens. */
import { Child } from "../scripts/child.js";
import { ROOT } from "../scripts/project.js";

const START_LIMIT_MS = 30_000;

process.once("SIGINT", () => process.exit(130));

/** Starts a program and waits until `url` answers 200. Throws with what it printed if it does not. */
export async function start(command: string[], url: string): Promise<Child> {
  const [program = "", ...args] = command;
  const child = new Child(program, args, { cwd: ROOT });
  if (await child.becomes(() => answers(url), START_LIMIT_MS)) return child;
  await child.kill();
  throw new Error(`${program} did not start\n${child.log.trim()}`);
}

async function answers(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => undefined);
  await answer?.arrayBuffer();
  return answer?.status === 200;
}
