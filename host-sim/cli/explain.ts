/** `limpet explain`: why a request goes where it goes. */
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { Command, InvalidArgumentError } from "commander";
import { ensureTracingFilter, TRACING_FILTER } from "../../scripts/build.js";
import { inProject } from "../../scripts/project.js";
import { type Bootstrap, EnvoyConfigError, loadBootstrap, type WasmFilter } from "../envoy-config/index.js";
import { Endpoints } from "../explain/endpoints.js";
import { explain } from "../explain/explain.js";
import { show } from "../explain/show.js";
import { resolveEnvironment } from "../proxy/wasm/worker-vms.js";
import { type HeaderField, ModuleError, PluginRefused } from "../wasm-host/index.js";
import { UsageError } from "./usage-error.js";

interface Options {
  request: string;
  header: HeaderField[];
  client: string;
  listener?: string;
  down: string[];
  random: number;
  json?: boolean;
}

/** The subcommand; `finish` runs a command to its end, and gives complaints of the user's input. */
export function explainCommand(finish: (command: () => Promise<number>) => Promise<void>): Command {
  return new Command("explain")
    .description("run one request through the filter, and tell step by step why it goes where it goes")
    .argument("<file>", "an Envoy configuration, YAML or JSON")
    .requiredOption("--request <line>", "method and path: 'GET /cart'")
    .option("--header <line>", "a header of the request: 'Cookie: SERVERID=S2'; again for another one", header, [])
    .option("--client <address>", "the address from which the client connects", address, "192.0.2.10")
    .option("--listener <name>", "the listener (default: the first with the filter)")
    .option("--down <ip:port>", "an endpoint that is down; again for another one", collect, [])
    .option("--random <number>", "which of weighted clusters is taken: from 0 to less than 1", fraction, 0)
    .option("--json", "print everything as JSON")
    .action((file: string, options: Options) => finish(() => explainRequest(file, options)));
}

async function explainRequest(file: string, options: Options): Promise<number> {
  const [, method, path] = /^([A-Z]+) (\/\S*)$/.exec(options.request) ?? [];
  if (method === undefined || path === undefined) {
    throw new UsageError(`--request: expected a method and a path, such as 'GET /cart'; got '${options.request}'`);
  }
  const bootstrap = load(file);
  const { listener, filter } = siteOf(bootstrap, options.listener, file);
  for (const down of options.down) refuseStranger(down, bootstrap, file);
  await ensureTracingFilter();
  const request = { method, path, headers: options.header, client: { ip: options.client, port: 50000 } };
  try {
    const explanation = await explain({
      listener,
      filter,
      clusters: bootstrap.clusters,
      module: readFileSync(inProject(TRACING_FILTER)),
      environment: resolveEnvironment(filter.environment),
      request,
      down: options.down,
      random: options.random,
    });
    const text = options.json
      ? JSON.stringify(explanation, null, 2)
      : show(explanation, request, (Date.now() / 1000) | 0);
    console.log(text);
    return 0;
  } catch (error) {
    if (error instanceof PluginRefused || error instanceof ModuleError)
      throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}

function load(file: string): Bootstrap {
  try {
    return loadBootstrap(file, { lenient: true });
  } catch (error) {
    if (error instanceof EnvoyConfigError || "code" in (error as object))
      throw new UsageError((error as Error).message);
    throw error;
  }
}

/** An address that is no endpoint cannot be down: most likely it is mistyped. */
function refuseStranger(down: string, { clusters }: Bootstrap, file: string): void {
  const known = new Endpoints(clusters, []).all.map(({ address }) => address);
  if (known.includes(down)) return;
  throw new UsageError(`--down: expected an endpoint of ${file}: ${known.join(", ") || "it has none"}; got '${down}'`);
}

/** The listener, and the Limpet filter in it. */
function siteOf({ listeners }: Bootstrap, name: string | undefined, file: string) {
  for (const listener of listeners) {
    if (name !== undefined && listener.name !== name) continue;
    const filter = listener.hcm.filters.flatMap((one) =>
      one.kind === "wasm" && isLimpet(one.wasm) ? [one.wasm] : [],
    )[0];
    if (filter) return { listener, filter };
  }
  const names = listeners.map((listener) => listener.name).join(", ") || "none";
  throw new UsageError(
    `${file}: expected a listener${name ? ` ${name}` : ""} with a filter of root_id limpet; there are ${names}`,
  );
}

const isLimpet = ({ rootId, codePath }: WasmFilter) => rootId === "limpet" || /(^|\/)limpet[^/]*\.wasm$/.test(codePath);

function header(line: string, before: HeaderField[]): HeaderField[] {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.*)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError("Expected 'Name: value'.");
  return [...before, [name.toLowerCase(), Buffer.from(value).toString("latin1")]];
}

function address(text: string): string {
  if (isIP(text) === 0) throw new InvalidArgumentError("Expected an IP address.");
  return text;
}

function fraction(text: string): number {
  const number = Number(text);
  if (!(number >= 0 && number < 1)) throw new InvalidArgumentError("Expected a number from 0 to less than 1.");
  return number;
}

const collect = (value: string, before: string[]) => [...before, value];
