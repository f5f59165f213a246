/** A configuration on the simulator, with its servers and its clients: what a test of one's own plays on. */
import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Document } from "yaml";
import { ensureFilter, FILTER } from "../../scripts/build.js";
import { inProject } from "../../scripts/project.js";
import { EchoBackend } from "../backends/echo.js";
import { mapsUnder, parseFile, readLayout } from "../cli/layout.js";
import { parseBootstrap } from "../envoy-config/index.js";
import type { RequestLogEntry } from "../proxy/request-log.js";
import { Simulator, type SimulatorOptions } from "../simulator.js";
import { Client, type ClientOptions } from "./client.js";
import { freePort } from "./ports.js";
import { asText, relocate } from "./relocate.js";

/** What a stage is set with. */
export interface StageOptions extends Pick<SimulatorOptions, "concurrency" | "log" | "clock" | "random"> {
  /** An Envoy bootstrap: the file, or its text. */
  config: { file: string } | { text: string };
  /** Ports on 127.0.0.1 of servers of your own, by the backend's id; all others are made here. */
  backends?: Record<string, number>;
  /** Whether to pass over what the simulator does not know, with a line in the log. */
  lenient?: boolean;
}

/**
 * One configuration, as it is in production, on this machine: each address that it listens on or forwards to becomes a
 * free port of 127.0.0.1, and behind each endpoint is a backend. A backend's id is its endpoint's `hostname`, else its
 * address in the configuration. Where the filter's module is not on this machine, Limpet's own is taken. Since the
 * addresses are others, a hash of addresses chooses other servers than in production, as evenly.
 */
export class Stage {
  /** The backends that were made here, by id. */
  readonly backends = new Map<string, EchoBackend>();
  /** The requests that are over, oldest first. */
  readonly requests: RequestLogEntry[] = [];
  readonly #waiting = new Map<string, (entry: RequestLogEntry) => void>();
  readonly #idOfAddress = new Map<string, string>();
  #simulator: Simulator | undefined;

  private constructor(private readonly firstListener: string) {}

  /**
   * Starts everything; resolves once requests are served.
   * @throws EnvoyConfigError with the places in the configuration, PluginRefused with what the filter said
   */
  static async start(options: StageOptions): Promise<Stage> {
    const { config, lenient = false, backends = {}, ...rest } = options;
    const file = "file" in config ? config.file : "config.yaml";
    const text = "file" in config ? readFileSync(file, "utf8") : config.text;
    // First as it was written: the places in complaints are the places in that text.
    const { listeners } = parseBootstrap(text, file, { lenient });
    const document = parseFile(text, file);
    const stage = new Stage(listeners[0]?.name ?? "");
    try {
      await stage.#openBackends(document, backends);
      await takeOwnModule(document);
      const bootstrap = parseBootstrap(document.toString({ lineWidth: 0 }), file, { lenient });
      stage.#simulator = await Simulator.start({ ...rest, bootstrap, onRequest: (entry) => stage.#over(entry) });
    } catch (error) {
      await stage.stop();
      throw error;
    }
    return stage;
  }

  async #openBackends(document: Document, own: Record<string, number>): Promise<void> {
    const ids = hostnames(document);
    const addressOf = await relocate(
      document,
      async (address) => own[ids.get(address) ?? address] ?? (await freePort()),
    );
    const known = new Set<string>();
    for (const server of readLayout(document).servers) {
      const address = addressOf.get(server.port) ?? "";
      const id = ids.get(address) ?? address;
      known.add(id);
      this.#idOfAddress.set(`127.0.0.1:${server.port}`, id);
      if (own[id] === undefined) this.backends.set(id, await EchoBackend.start(id, server.host, server.port));
    }
    const stranger = Object.keys(own).find((id) => !known.has(id));
    if (stranger !== undefined) {
      throw new Error(`backends: expected one of ${[...known].join(", ")}; got ${stranger}`);
    }
  }

  #over(entry: RequestLogEntry): void {
    this.requests.push(entry);
    this.#waiting.get(entry.connection)?.(entry);
    this.#waiting.delete(entry.connection);
  }

  #running(): Simulator {
    if (this.#simulator === undefined) throw new Error("the stage has been stopped");
    return this.#simulator;
  }

  /** A new client, with an empty cookie jar. */
  client({ from, listener = this.firstListener }: ClientOptions = {}): Client {
    const entryOf = (connection: string) => {
      const entry = this.requests.findLast((one) => one.connection === connection);
      return entry
        ? Promise.resolve(entry)
        : new Promise<RequestLogEntry>((done) => this.#waiting.set(connection, done));
    };
    const serverAt = (address: string) => this.#idOfAddress.get(address);
    return new Client({ port: this.#running().listener(listener).port, entryOf, serverAt }, from);
  }

  /** A backend that was made here. Throws with the ids that there are. */
  backend(id: string): EchoBackend {
    const found = this.backends.get(id);
    if (!found) throw new Error(`no backend ${id}; there are: ${[...this.backends.keys()].join(", ")}`);
    return found;
  }

  /** Refuses connections at this backend and breaks the open ones, as if its process had been killed. */
  kill(id: string): Promise<void> {
    return this.backend(id).kill();
  }

  /** Brings a killed backend back, at the address that it had. */
  restore(id: string): Promise<void> {
    return this.backend(id).listen();
  }

  /** A counter or a gauge of the filter's, by the filter's name for it (`limpet.requests`, say); undefined until it is defined. */
  metric(name: string): number | undefined {
    const value = this.#running().metrics.value(name);
    return value === undefined ? undefined : Number(value);
  }

  /** Envoy's counters and gauges, by their dotted names (`cluster.app.upstream_rq_total`). */
  stats(): Map<string, number> {
    return new Map(this.#running().stats.map(({ name, value }) => [name, value]));
  }

  /** Ends the simulator and the backends that were made here. Safe to call twice. */
  async stop(): Promise<void> {
    await this.#simulator?.stop();
    this.#simulator = undefined;
    await Promise.all([...this.backends.values()].map((backend) => backend.kill()));
    this.backends.clear();
  }

  /** `await using stage = await Stage.start(...)` stops it at the block's end. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** The hostnames of endpoints, by address as in the configuration. */
function hostnames(document: Document): Map<string, string> {
  const entries = mapsUnder(document, "endpoint").flatMap((endpoint): [string, string][] => {
    const id = endpoint.get("hostname");
    const host = endpoint.getIn(["address", "socket_address", "address"]);
    const port = endpoint.getIn(["address", "socket_address", "port_value"]);
    if (typeof id !== "string" || typeof host !== "string" || typeof port !== "number") return [];
    return [[asText(host, port), id]];
  });
  return new Map(entries);
}

/** Where a file names a limpet.wasm that is not here, as an image's would be, this package's is meant. */
async function takeOwnModule(document: Document): Promise<void> {
  for (const local of mapsUnder(document, "local")) {
    const name = local.get("filename");
    if (typeof name !== "string" || existsSync(name) || !/^limpet[^/]*\.wasm$/.test(basename(name))) continue;
    await ensureFilter();
    local.set("filename", inProject(FILTER));
  }
}
