/** `limpet keys`: keys that seal tokens. */
import { randomInt } from "node:crypto";
import { Command } from "commander";
import { formatKeys, newKey } from "../tokens/keys.js";
import { UsageError } from "./usage-error.js";

/** The subcommand; `finish` runs a command to its end, and gives complaints of the user's input. */
export function keysCommand(finish: (command: () => Promise<number>) => Promise<void>): Command {
  const keys = new Command("keys").description("the keys that seal tokens");
  keys
    .command("new")
    .description("make a key; the last line is a value for LIMPET_KEYS")
    .argument("[id]", "what the key is called: 1 to 16 letters, digits, _ and - (default: a random id)")
    .action((id: string | undefined) => finish(async () => printNewKey(id)));
  return keys;
}

function printNewKey(id = `k${randomInt(36 ** 5).toString(36)}`): number {
  try {
    const key = formatKeys([newKey(id)]);
    console.log("# LIMPET_KEYS is a list of keys: the first seals, all open. To change keys without losing a session,");
    console.log(
      "# put the new one last on every Envoy, then first, and remove the old one when its sessions have ended.",
    );
    console.log(key);
    return 0;
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error;
  }
}
