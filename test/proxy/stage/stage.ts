import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { stringify } from "yaml";
import { freePort } from "../../../host-sim/testing/ports.js";
import { Backend } from "../../scenarios/stage/backend.js";
import { Connection, exchange, get } from "../../scenarios/stage/client.js";
import type { Message } from "../../scenarios/stage/message.js";
import { until } from "../../scenarios/stage/stage.js";
import type { Running, Target } from "../../targets/target.js";
import { bootstrap, type Parts, type Plain } from "./configuration.js";
import { ensureProbe } from "./probe.js";

const START_LIMIT_MS = 60_000;

export interface StageOptions {
  /** How many backends there are; 1 unless told. */
  backends?: number;
  /** The configuration, given the backends' ports and one on which nothing listens. */
  parts?: (ports: number[], deadPort: number) => Parts;
  /** Files of the engine (discovery), as plain data by name. */
  files?: (ports: number[], mainPort: number) => Record<string, Plain>;
  /** Workers; 1 unless told, so that round robin is what it says. */
  concurrency?: number;
}

/** An engine in front of scripted backends, spoken to in raw bytes. */
export class ProxyStage {
  private constructor(
    readonly running: Running,
    readonly backends: Backend[],
    readonly port: number,
  ) {}

  /** Starts backends and engine. @throws StartRefused if the engine does not take the configuration */
  static async set(target: Target, options: StageOptions = {}): Promise<ProxyStage> {
    await ensureProbe();
    const ports: number[] = [];
    for (let index = 0; index < (options.backends ?? 1); index++) ports.push(await freePort());
    const backends = ports.map((port, index) => new Backend(`S${index + 1}`, port));
    await Promise.all(backends.map((backend) => backend.open()));
    const main = await freePort();
    const parts = options.parts?.(ports, await freePort()) ?? {};
    const config = stringify(bootstrap(parts, { main, admin: await freePort(), backends: ports }));
    const files = Object.entries(options.files?.(ports, main) ?? {}).map(([name, data]) => [name, stringify(data)]);
    try {
      const { concurrency = 1 } = options;
      const running = await target.start({ config, files: Object.fromEntries(files), concurrency });
      return new ProxyStage(running, backends, main);
    } catch (error) {
      await Promise.all(backends.map((backend) => backend.die()));
      throw error;
    }
  }

  async strike(): Promise<void> {
    await this.running.stop();
    await Promise.all(this.backends.map((backend) => backend.die()));
  }

  /** The first backend: the only one of most stages. */
  get backend(): Backend {
    return this.backends[0]!;
  }

  /** Sends raw bytes on a connection of their own. */
  send(raw: string): Promise<Message> {
    return exchange(this.port, raw);
  }

  /** One GET with these header lines, on a connection of its own. */
  get(path: string, ...lines: string[]): Promise<Message> {
    return this.send(get(path, ...lines));
  }

  /** A connection, closed when the test has finished. */
  async connect(): Promise<Connection> {
    const connection = await Connection.open(this.port);
    onTestFinished(() => connection.close());
    return connection;
  }

  /** The text of an admin page. */
  async admin(path: string): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.running.adminPort}${path}`)).text();
  }

  /** A counter or gauge of the admin page by its full name. */
  async stat(name: string): Promise<number> {
    const line = (await this.admin("/stats")).split("\n").find((text) => text.startsWith(`${name}: `));
    if (line === undefined) throw new Error(`no stat ${name}`);
    return Number(line.slice(name.length + 2));
  }

  /** What the probe has logged so far, line by line. */
  get probeLog(): string[] {
    return [...this.running.log().matchAll(/probe> (.*)/g)].map((match) => match[1]!);
  }

  /** What the probe logs meanwhile; waits for the line `end`, which the steps of the request must log last. */
  async probed(request: () => Promise<unknown>): Promise<string[]> {
    await this.#quiet();
    const before = this.probeLog.length;
    await request();
    const isDone = () => this.probeLog.slice(before).includes("end");
    await until("the probe's line `end`", isDone);
    const lines = this.probeLog.slice(before);
    return lines.slice(0, lines.indexOf("end"));
  }

  /** Lets what the probe says of earlier requests arrive: an engine's log may come behind its answers. */
  async #quiet(): Promise<void> {
    for (let seen = -1; seen !== this.probeLog.length; await delay(50)) seen = this.probeLog.length;
  }
}

/** A stage for this test alone. */
export async function stageFor(target: Target, options?: StageOptions): Promise<ProxyStage> {
  const stage = await ProxyStage.set(target, options);
  onTestFinished(() => stage.strike());
  return stage;
}

/** One stage for all tests of a `describe`; a test that scripts the backends does so anew. */
export function sharedStage(target: Target, options?: StageOptions): () => ProxyStage {
  let stage: ProxyStage;
  beforeAll(async () => {
    stage = await ProxyStage.set(target, options);
  }, START_LIMIT_MS);
  afterAll(() => stage?.strike());
  return () => stage;
}

/** A head with what differs from run to run replaced: ids, dates, durations. */
export function steady(head: string): string {
  return head
    .replace(/^(x-request-id: )[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\r$/m, "$1ID\r")
    .replace(/^(date: )\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT\r$/m, "$1DATE\r")
    .replace(/^(x-envoy-upstream-service-time: )\d+\r$/m, "$1MS\r");
}
