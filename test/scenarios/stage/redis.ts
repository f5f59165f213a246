import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../host-sim/testing/ports.js";
import { accepts, Child } from "../../../scripts/child.js";
import { need, ToolMissing } from "../../../scripts/tools/need.js";

const START_LIMIT_MS = 15_000;

/** A real Redis with webdis in front of it, each of which can be killed, started again and paused. */
export class RedisOverHttp {
  readonly #directory = mkdtempSync(join(tmpdir(), "limpet-redis-"));
  #redis: Child | undefined;
  #webdis: Child | undefined;

  private constructor(
    private readonly programs: { redis: string; webdis: string },
    readonly redisPort: number,
    /** Where webdis listens. */
    readonly port: number,
    private readonly host: string,
  ) {}

  /** Why there are none here, or undefined. */
  static async missing(): Promise<string | undefined> {
    for (const tool of ["redis", "webdis"] as const) {
      const found = await need(tool);
      if ("missing" in found) return new ToolMissing(found).message;
    }
    return undefined;
  }

  /** @param port of webdis @param host this machine, as the engine sees it */
  static async start(port: number, host = "127.0.0.1"): Promise<RedisOverHttp> {
    const [redis, webdis] = [await need("redis"), await need("webdis")];
    for (const found of [redis, webdis]) if ("missing" in found) throw new ToolMissing(found);
    const programs = { redis: (redis as { path: string }).path, webdis: (webdis as { path: string }).path };
    const both = new RedisOverHttp(programs, await freePort(), port, host);
    try {
      await both.startRedis();
      await both.#startWebdis();
    } catch (error) {
      await both.stop();
      throw error;
    }
    return both;
  }

  async startRedis(): Promise<void> {
    const args = ["--port", `${this.redisPort}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    this.#redis = await startDaemon(this.programs.redis, [...args, "--dir", this.#directory], this.redisPort);
  }

  async #startWebdis(): Promise<void> {
    const config = join(this.#directory, "webdis.json");
    const redis = { redis_host: "127.0.0.1", redis_port: this.redisPort };
    const http = { http_host: this.host, http_port: this.port, threads: 2, pool_size: 4, daemonize: false };
    const log = { verbosity: 0, logfile: join(this.#directory, "webdis.log") };
    writeFileSync(config, JSON.stringify({ ...redis, ...http, ...log, websockets: false, database: 0 }));
    this.#webdis = await startDaemon(this.programs.webdis, [config], this.port, this.host);
  }

  /** Redis dies with everything in it; webdis stays. */
  async killRedis(): Promise<void> {
    await this.#redis?.kill();
  }

  /** Redis stands still, connections stay open. */
  pauseRedis(): void {
    this.#redis?.signal("SIGSTOP");
  }

  continueRedis(): void {
    this.#redis?.signal("SIGCONT");
  }

  /** One command on a connection of its own; the reply as Redis wrote it. */
  command(...words: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.redisPort, "127.0.0.1");
      let reply = "";
      socket.setEncoding("latin1");
      socket.on("data", (text) => {
        reply += text;
      });
      socket.once("error", reject);
      socket.once("close", () => resolve(reply));
      const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
      socket.write(`*${words.length}\r\n${parts.join("")}*1\r\n$4\r\nQUIT\r\n`);
    });
  }

  /** Everything that is stored: keys, values, and how many seconds each is kept. */
  async contents(): Promise<{ key: string; value: string; ttl: number }[]> {
    const keys = bulks(await this.command("KEYS", "*"));
    const entries = keys.map(async (key) => ({
      key,
      value: bulks(await this.command("GET", key))[0] ?? "",
      ttl: Number(/:(-?\d+)/.exec(await this.command("TTL", key))?.[1]),
    }));
    return Promise.all(entries);
  }

  async stop(): Promise<void> {
    await this.#webdis?.kill();
    await this.#redis?.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** The bulk strings of a reply. */
function bulks(reply: string): string[] {
  return [...reply.matchAll(/\$\d+\r\n([^\r]*)\r\n/g)].map(([, text]) => text ?? "");
}

/** Starts a program that listens on a port. @throws with its log if it does not come to that */
async function startDaemon(command: string, args: string[], port: number, host = "127.0.0.1"): Promise<Child> {
  const child = new Child(command, args);
  if (await child.becomes(() => accepts({ port, host }), START_LIMIT_MS)) return child;
  await child.kill();
  throw new Error(`${command} does not start:\n${child.log}`);
}
