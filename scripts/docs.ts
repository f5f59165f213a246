/**
 * The library's reference, by TypeDoc, into build/docs: `npm run docs`. TypeDoc 0.28 reads TypeScript up to 6.0 and the
 * project is compiled by 7, so both come from the registry for this alone, in these very versions.
 */
import { inProject, run, say } from "./project.js";

const TYPEDOC = "0.28.20";
const TYPESCRIPT = "6.0.3";

const out = "build/docs";
const { status } = await run(
  [
    ...(["npm", "exec", "--yes", `--package=typedoc@${TYPEDOC}`, `--package=typescript@${TYPESCRIPT}`, "--"] as const),
    ...["typedoc", "--out", out, "--name", "Limpet", "--readme", "none", "--tsconfig", "tsconfig.json"],
    ...[
      "--excludePrivate",
      "--disableSources",
      "--validation.notExported",
      "false",
      "--treatWarningsAsErrors",
      "host-sim/index.ts",
    ],
  ],
  { show: (text) => process.stderr.write(text) },
);
if (status === 0) say(inProject(out, "index.html"));
process.exitCode = status;
