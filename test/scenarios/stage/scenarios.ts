import { afterAll, beforeAll, describe, onTestFinished, test } from "vitest";
import { targets } from "../../targets/all.js";
import type { Target } from "../../targets/target.js";
import { Stage, type StageOptions } from "./stage.js";

const TIME_LIMIT_MS = 60_000;

const engines: { target: Target; reason: string | undefined }[] = [];
for (const target of targets) engines.push({ target, reason: await target.available() });

/**
 * Declares the stories of a theme once for each target. Where a target cannot run, its stories
 * are skipped with the reason in their title; on the CI (`CI=true`) they fail.
 * @param missing why they cannot run on any target
 */
export function scenarios(theme: string, stories: (target: Target) => void, missing?: string): void {
  for (const { target, reason = missing } of engines) {
    if (reason === undefined) describe(`${theme} (${target.name})`, { timeout: TIME_LIMIT_MS }, () => stories(target));
    else if (process.env.CI === "true") {
      test(`${theme} (${target.name})`, () => {
        throw new Error(`this target cannot run: ${reason}`);
      });
    } else describe.skip(`${theme} (${target.name}, skipped: ${reason})`, () => stories(target));
  }
}

/** A stage for this test alone; struck when the test has finished. */
export async function stageFor(target: Target, options?: StageOptions): Promise<Stage> {
  const stage = await Stage.set(target, options);
  onTestFinished(() => stage.strike());
  return stage;
}

/** One stage for all tests of a `describe`, for tables of cases: a test may script its backends only, and does so anew. */
export function sharedStage(target: Target, options?: StageOptions): () => Stage {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.set(target, options);
  }, TIME_LIMIT_MS);
  afterAll(() => stage?.strike());
  return () => stage;
}
