/** The command `limpet`. */
import { Command, InvalidArgumentError } from "commander";
import { type DemoOptions, demo } from "./cli/demo.js";
import { UsageError } from "./cli/usage-error.js";

const program = new Command("limpet")
  .description("Session persistence for Envoy: the simulator that runs the filter and Envoy's own YAML on a laptop")
  .showHelpAfterError("(--help tells what there is)");

program
  .command("demo", { isDefault: true })
  .description("run an Envoy file together with the servers that it expects on this machine")
  .argument("[file]", "an Envoy configuration (default: envoy/cookie-insert.yaml)")
  .option("--envoy", "run it on the real Envoy, installing that if need be")
  .option("--check", "prove that sessions stick, print a table, exit with 0 or 1")
  .option("--port <port>", "listen here instead of the file's port", port)
  .option("--admin-port <port>", "put the admin page here", port)
  .option("--backend-ports <ports>", "put the servers here: ports in the file's order, separated by commas", ports)
  .action(async (file: string | undefined, options: DemoOptions) => finish(() => demo(file, options)));

/** Runs a command to its end, and the process with it: whatever is still open is ours to leave. */
async function finish(command: () => Promise<number>): Promise<void> {
  try {
    process.exit(await command());
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`limpet: ${error.message}`);
    process.exit(1);
  }
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 65535) {
    throw new InvalidArgumentError(`expected a port from 1 to 65535; got "${text}".`);
  }
  return value;
}

function ports(text: string): number[] {
  return text.split(",").map((part) => port(part.trim()));
}

await program.parseAsync();
