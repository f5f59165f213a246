import { setTimeout as delay } from "node:timers/promises";
import type { Running, Target } from "../../targets/target.js";
import { Backend } from "./backend.js";
import { Bootstrap, ENDPOINTS_FILE, LISTENERS_FILE } from "./bootstrap.js";
import { exchange, get } from "./client.js";
import type { Message } from "./message.js";
import { Visitor } from "./visitor.js";

const UNTIL_LIMIT_MS = 15_000;

export interface StageOptions {
  /** File in `envoy/` without `.yaml`; `cookie-insert` unless told. */
  example?: string;
  /** Changes the example, in the example's own port numbers. */
  change?: (bootstrap: Bootstrap) => unknown;
  /** Part of the bootstrap that stands in a file, to be changed while the engine runs. */
  inFile?: "listeners" | "endpoints";
  /** Backends that do not accept at first. */
  dead?: string[];
  concurrency?: number;
}

/** An engine, its backends and its clients: what a scenario plays on. */
export class Stage {
  private constructor(
    readonly bootstrap: Bootstrap,
    readonly running: Running,
    readonly backends: Map<string, Backend>,
    /** Port of the listener `main`. */
    readonly port: number,
  ) {}

  /** @throws StartRefused if the engine does not take the configuration */
  static async set(target: Target, options: StageOptions = {}): Promise<Stage> {
    const bootstrap = Bootstrap.example(options.example ?? "cookie-insert");
    options.change?.(bootstrap);
    const backends = new Map<string, Backend>();
    for (const { name, port } of bootstrap.backends()) {
      if (!backends.has(name)) backends.set(name, new Backend(name, await bootstrap.port(port), target.backendHost));
    }
    const { config, files } = await render(bootstrap, options.inFile);
    const alive = [...backends.values()].filter(({ name }) => !options.dead?.includes(name));
    await Promise.all(alive.map((backend) => backend.open()));
    try {
      const running = await target.start({ config, files, concurrency: options.concurrency });
      return new Stage(bootstrap, running, backends, await running.listener("main"));
    } catch (error) {
      await Promise.all(alive.map((backend) => backend.die()));
      throw error;
    }
  }

  /** Ends the engine and the backends. */
  async strike(): Promise<void> {
    await this.running.stop();
    await Promise.all([...this.backends.values()].map((backend) => backend.die()));
  }

  backend(name: string): Backend {
    const backend = this.backends.get(name);
    if (!backend) throw new Error(`no backend "${name}" among ${[...this.backends.keys()].join(", ")}`);
    return backend;
  }

  /** All backends answer with this. */
  answerWith(answer: Backend["answer"]): void {
    for (const backend of this.backends.values()) backend.answer = answer;
  }

  /** How many requests reached each backend. */
  requestCounts(): Record<string, number> {
    return Object.fromEntries([...this.backends.values()].map(({ name, requests }) => [name, requests.length]));
  }

  visitor(from?: string): Visitor {
    return new Visitor(this.port, from);
  }

  /** One GET with these header lines, on a connection of its own. */
  get(path: string, ...lines: string[]): Promise<Message> {
    return exchange(this.port, get(path, ...lines));
  }

  /** Changes the file of listeners or endpoints under the running engine. */
  async change(change: (bootstrap: Bootstrap) => void, file: "listeners" | "endpoints"): Promise<void> {
    change(this.bootstrap);
    if (file === "listeners") this.running.replaceFile(LISTENERS_FILE, await this.bootstrap.renderListeners());
    else this.running.replaceFile(ENDPOINTS_FILE, await this.bootstrap.renderEndpoints());
  }

  /** A metric of the filter's, by its name behind `wasmcustom.`; 0 while there is none. */
  async metric(name: string): Promise<number> {
    const stats = await (await fetch(`http://127.0.0.1:${this.running.adminPort}/stats`)).text();
    const line = stats.split("\n").find((one) => one.startsWith(`wasmcustom.${name}: `));
    return Number(line?.split(": ")[1] ?? 0);
  }

  /** What the admin interface says of an endpoint's health, as in `/clusters?format=json`. */
  async health(name: string): Promise<Record<string, unknown>> {
    const answer = await fetch(`http://127.0.0.1:${this.running.adminPort}/clusters?format=json`);
    const { cluster_statuses } = (await answer.json()) as { cluster_statuses: ClusterStatus[] };
    const hosts = cluster_statuses.find((cluster) => cluster.name === "app")?.host_statuses ?? [];
    const { port } = this.backend(name);
    const host = hosts.find((h) => h.address.socket_address.port_value === port);
    if (!host) throw new Error(`the admin interface knows no endpoint with port ${port}`);
    return host.health_status;
  }
}

interface ClusterStatus {
  name: string;
  host_statuses?: {
    address: { socket_address: { port_value: number } };
    health_status: Record<string, unknown>;
  }[];
}

async function render(bootstrap: Bootstrap, inFile: StageOptions["inFile"]) {
  if (inFile === "listeners") return bootstrap.renderWithListenersFile();
  if (inFile === "endpoints") return bootstrap.renderWithEndpointsFile();
  return { config: await bootstrap.render(), files: {} };
}

/** Waits until it holds. @throws with `what` when it does not come to hold */
export async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  for (const start = Date.now(); Date.now() - start < UNTIL_LIMIT_MS; await delay(20)) {
    if (await holds()) return;
  }
  throw new Error(`waited ${UNTIL_LIMIT_MS} ms, but not: ${what}`);
}
