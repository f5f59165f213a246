/** The command `limpet`. */
import { Command, InvalidArgumentError } from "commander";
import { FilterBroken } from "../scripts/build.js";
import { checkCommand } from "./cli/check-files.js";
import { type DemoOptions, demo, type SimOptions, sim } from "./cli/commands.js";
import { explainCommand } from "./cli/explain.js";
import { keysCommand } from "./cli/keys.js";
import { schemaCommand } from "./cli/schema.js";
import { tokensCommand } from "./cli/tokens.js";
import { UsageError } from "./cli/usage-error.js";
import { type WhatifOptions, whatif } from "./cli/whatif.js";

const program = new Command("limpet")
  .description("Session persistence for Envoy: the simulator that runs the filter and Envoy's own YAML on a laptop")
  .showHelpAfterError("(--help tells what there is)");

program
  .command("sim")
  .description("run an Envoy file in the simulator")
  .argument("<file>", "an Envoy configuration, YAML or JSON")
  .option("--concurrency <workers>", "workers, each with a VM of its own", positive("a number of workers", 64), 2)
  .option("--lenient", "warn about what the simulator does not know, instead of refusing it")
  .option("--quiet", "no line a request")
  .option("--port <port>", "listen here instead of the file's first listener's port", port)
  .option("--admin-port <port>", "put the admin page here", port)
  .action((file: string, options: SimOptions) => finish(() => sim(file, options)));

program
  .command("demo")
  .description("run an Envoy file together with the servers that it expects on this machine (npm start)")
  .argument("[file]", "an Envoy configuration (default: envoy/cookie-insert.yaml)")
  .option("--envoy", "run it on the real Envoy, installing that if need be")
  .option("--check", "prove that sessions stick, print a table, exit with 0 or 1")
  .option("--port <port>", "listen here instead of the file's first listener's port", port)
  .option("--admin-port <port>", "put the admin page here", port)
  .option("--backend-ports <ports>", "put the servers here: ports in the file's order, separated by commas", ports)
  .action((file: string | undefined, options: DemoOptions) => finish(() => demo(file, options)));

program.addCommand(checkCommand(finish));
program.addCommand(explainCommand(finish));
program.addCommand(schemaCommand(finish));
program
  .command("whatif")
  .description("compare policies on millions of clients, on a virtual clock, with the filter itself")
  .argument("<plan>", "a plan, such as those in examples/whatif")
  .option("--json", "print the figures as JSON")
  .option("--html <file>", "write a report with plots, one file that loads nothing")
  .option(
    "--workers <threads>",
    "threads (default: one a processor); the figures do not depend on them",
    positive("a number of threads", 256),
  )
  .option("--seed <number>", "another seed than the plan's", positive("a seed", 0xffff_ffff))
  .option("--scale <part>", "only a part of the clients and requests, say 0.01", part)
  .action((plan: string, options: WhatifOptions) => finish(() => whatif(plan, options)));

program.addCommand(keysCommand(finish));
program.addCommand(tokensCommand(finish));

await program.parseAsync();

/** Runs a command to its end, and the process with it: whatever is still open is ours to leave. */
async function finish(command: () => Promise<number>): Promise<void> {
  try {
    process.exit(await command());
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof FilterBroken)) throw error;
    console.error(`limpet: ${error.message}`);
    process.exit(error instanceof UsageError ? error.exitCode : 1);
  }
}

function positive(what: string, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= 1 && value <= most) return value;
    throw new InvalidArgumentError(`Expected ${what} from 1 to ${most}; got "${text}".`);
  };
}

function part(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1) return value;
  throw new InvalidArgumentError(`Expected a number above 0, up to 1; got "${text}".`);
}

function port(text: string): number {
  return positive("a port", 65535)(text);
}

function ports(text: string): number[] {
  return text.split(",").map((part) => port(part.trim()));
}
