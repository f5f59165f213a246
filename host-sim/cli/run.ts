/** Runs a scene from its start to its end, which may come at any time. */
import { ensureFilter } from "../../scripts/build.js";
import { type Scene, type SceneOptions, startScene } from "./scene.js";
import { stopRequest } from "./stop.js";
import { UsageError } from "./usage-error.js";

/** What is done while a scene runs; `stopped` resolves when we are asked to end. Returns the exit code. */
export type Play = (scene: Scene, stopped: Promise<unknown>) => Promise<number>;

/** Starts a file, plays, stops everything. Returns the process's exit code; throws UsageError. */
export async function run(file: string, prepare: () => Promise<SceneOptions>, play: Play): Promise<number> {
  const stopped = stopRequest();
  const starting = ensureFilter()
    .then(prepare)
    .then((options) => startScene(file, options));
  const scene = await Promise.race([stopped, starting]);
  if (scene === "stopped") return 1;
  try {
    const outcome = await Promise.race([scene.engine.ended, play(scene, stopped)]);
    if (typeof outcome === "number") return outcome;
    throw new UsageError(outcome);
  } finally {
    await scene.stop();
  }
}
