/** `limpet check`: for people, editors and CI. */
import { existsSync, readFileSync } from "node:fs";
import { Command } from "commander";
import { ensureFilter, FILTER } from "../../scripts/build.js";
import { colours } from "../../scripts/colours.js";
import { displayPath, inProject } from "../../scripts/project.js";
import { check, type Judge } from "../check/check.js";
import { type Finding, formatFinding } from "../check/finding.js";
import type { Site } from "../check/site.js";
import type { Source } from "../check/spot.js";
import { verdictOf } from "../check/verdict.js";
import { UsageError } from "./usage-error.js";

/** Exit codes: what CI goes by. */
const FINE = 0;
const PROBLEMS = 1;
const USAGE = 2;

/** The subcommand; `finish` runs a command to its end, and gives complaints of the user's input. */
export function checkCommand(finish: (command: () => Promise<number>) => Promise<void>): Command {
  return new Command("check")
    .description(
      "tell everything that is wrong with Envoy files that use Limpet (exit codes: 0 fine, 1 problems, 2 usage)",
    )
    .argument("<files...>", "a bootstrap, and the files that discovery reads (LDS, CDS)")
    .option("--json", "print a list of findings")
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? FINE : USAGE))
    .action((files: string[], { json }: { json?: boolean }) => finish(() => checkFiles(files, json === true)));
}

async function checkFiles(files: string[], json: boolean): Promise<number> {
  const findings = await check(files.map(read), await judge());
  const problems = findings.filter(({ severity }) => severity !== "note");
  if (json) console.log(JSON.stringify(findings, null, 2));
  else {
    for (const finding of findings) console.log(coloured(finding));
    console.log(summary(files.length, problems.length));
  }
  return problems.length === 0 ? FINE : PROBLEMS;
}

function read(file: string): Source {
  try {
    return { file: displayPath(file), text: readFileSync(file, "utf8") };
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`, USAGE);
  }
}

/** Asks the module that the file names, if it is on this machine; else the one that is built here. */
async function judge(): Promise<Judge> {
  const modules = new Map<string, ReturnType<typeof verdictOf>>();
  return async (site) => {
    const named = site.plugin.text("vm_config", "code", "local", "filename");
    const usesOwn = named === undefined || named === FILTER || !existsSync(named);
    if (usesOwn) await ensureFilter();
    const file = usesOwn ? inProject(FILTER) : named;
    const verdict = modules.get(file) ?? verdictOf(file);
    modules.set(file, verdict);
    return (await verdict)(bringsKeys(site));
  };
}

function bringsKeys({ plugin }: Site): boolean {
  const environment = plugin.get("vm_config", "environment_variables");
  const names = [...(environment?.texts("host_env_keys") ?? []), ...(environment?.members("key_values") ?? []).flat()];
  return names.includes("LIMPET_KEYS");
}

function coloured(finding: Finding): string {
  const colour = { error: colours.red, warning: colours.yellow, note: colours.dim }[finding.severity];
  return formatFinding(finding).replace(`: ${finding.severity}: `, `: ${colour(finding.severity)}: `);
}

function summary(files: number, problems: number): string {
  const of = `${files} ${files === 1 ? "file" : "files"}`;
  if (problems === 0) return colours.green(`${of}: nothing wrong`);
  return colours.red(`${of}: ${problems} ${problems === 1 ? "problem" : "problems"}`);
}
