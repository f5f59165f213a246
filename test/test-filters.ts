/** Filters that only tests run: compiled from test/assembly, without the time that optimising takes. */
import { renameSync, statSync } from "node:fs";
import { inProject, newestChange, nodeCommand, run } from "../scripts/project.js";

/** Compiles test/assembly/NAME/index.ts to build/NAME.wasm, unless it is there already. @returns the file's path from the project's root */
export async function ensureTestFilter(name: string): Promise<string> {
  const [source, file] = [`test/assembly/${name}`, `build/${name}.wasm`];
  const built = statSync(inProject(file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built >= Math.max(newestChange(inProject(source)), newestChange(inProject("assembly")))) return file;
  // Under another name first: another test may do the same, or read the file.
  const unfinished = `${file}.${process.pid}`;
  const options = ["--config", "none", "--runtime", "minimal", "--exportStart", "_initialize", "--use", "abort="];
  const asc = nodeCommand(
    "assemblyscript/bin/asc.js",
    `${source}/index.ts`,
    "--outFile",
    unfinished,
    "-O1",
    ...options,
  );
  const { status, output } = await run(asc);
  if (status !== 0) throw new Error(`${source} does not compile\n${output}`);
  renameSync(inProject(unfinished), inProject(file));
  return file;
}
