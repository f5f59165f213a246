/** `limpet tokens`: sealed tokens, made by hand. */
import { Command } from "commander";
import { parseKeys } from "../tokens/keys.js";
import { nameInToken, sealToken } from "../tokens/sealed-token.js";
import { UsageError } from "./usage-error.js";

interface MakeOptions {
  server: string;
  cookie?: string;
  header?: string;
  policy: string;
  rule?: string;
  cluster: string;
  force?: boolean;
}

/** The subcommand; `finish` runs a command to its end, and gives complaints of the user's input. */
export function tokensCommand(finish: (command: () => Promise<number>) => Promise<void>): Command {
  const tokens = new Command("tokens").description("sealed tokens");
  tokens
    .command("make")
    .description("make a token with the first key of LIMPET_KEYS; the last line is the token")
    .requiredOption("--server <server>", "the server's id, or ip:port where the configuration lists no servers")
    .option("--cookie <name>", "the cookie that it is for")
    .option("--header <name>", "or the header")
    .option("--policy <name>", "the policy", "default")
    .option("--rule <name>", "the rule (default: pin:NAME)")
    .option("--cluster <name>", "the cluster", "app")
    .option("--force", "let it reach its server even while that is down for maintenance")
    .action((options: MakeOptions) => finish(async () => printToken(options)));
  return tokens;
}

function printToken({ server, cookie, header, policy, rule, cluster, force }: MakeOptions): number {
  const name = cookie ?? header;
  if (name === undefined || (cookie !== undefined && header !== undefined)) {
    throw new UsageError("expected either --cookie or --header");
  }
  const keys = process.env.LIMPET_KEYS;
  if (keys === undefined) throw new UsageError("expected keys in the environment variable LIMPET_KEYS");
  const now = Math.floor(Date.now() / 1000);
  const isEndpoint = /^(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]):\d+$/.test(server);
  const claims = {
    server: isEndpoint ? server : nameInToken(server),
    isEndpoint,
    incarnation: 0,
    since: now,
    lastUse: now,
    force,
  };
  const parts = [cookie === undefined ? "header" : "cookie", name, policy, rule ?? `pin:${name}`];
  try {
    console.log(sealToken(claims, parseKeys(keys), { parts, cluster }));
    return 0;
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(`LIMPET_KEYS: ${error.message}`) : error;
  }
}
