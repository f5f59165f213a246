import { renameSync, statSync } from "node:fs";
import { inProject, nodeCommand, run } from "../../../scripts/project.js";

const SOURCE = "test/assembly/probe/index.ts";

/** The compiled probe, from the project's root, which is where engines look for it. */
export const PROBE = "build/probe.wasm";

/** Compiles the filter that tests script (test/assembly/probe), unless it is there already. */
export async function ensureProbe(): Promise<void> {
  const built = statSync(inProject(PROBE), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built >= statSync(inProject(SOURCE)).mtimeMs) return;
  // Under another name first: another test may do the same, or read the file.
  const unfinished = `${PROBE}.${process.pid}`;
  const options = ["--config", "none", "--runtime", "minimal", "--exportStart", "_initialize", "--use", "abort="];
  const asc = nodeCommand("assemblyscript/bin/asc.js", SOURCE, "--outFile", unfinished, "-O1", ...options);
  const { status, output } = await run(asc);
  if (status !== 0) throw new Error(`the probe does not compile\n${output}`);
  renameSync(inProject(unfinished), inProject(PROBE));
}
