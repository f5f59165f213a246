import { onTestFinished } from "vitest";
import { formatKeys, newKey } from "../../../host-sim/tokens/keys.js";
import type { Running, Target } from "../../targets/target.js";
import { Backend, ok } from "./backend.js";
import { Bootstrap } from "./bootstrap.js";
import { Connection, exchange, get } from "./client.js";
import type { Message } from "./message.js";
import { until } from "./stage.js";

/** Where `envoy/learn-fleet.yaml` expects its store. */
const STORE_PORT = 7379;

export interface FleetOptions {
  /** How many engines: 3 unless told. */
  size?: number;
  concurrency?: number;
  /** Changes the example, in its own port numbers; `index` tells the engines apart. */
  change?: (bootstrap: Bootstrap, index: number) => unknown;
}

/** Several engines with `envoy/learn-fleet.yaml`, their common backends, and the port of their common store. */
export class Fleet {
  private constructor(
    readonly engines: FleetEngine[],
    readonly backends: Map<string, Backend>,
    readonly storePort: number,
  ) {}

  /** Ends when the test has finished. The backends are an application that creates a session at /login, and ends it at /logout. */
  static async start(target: Target, { size = 3, concurrency, change }: FleetOptions = {}): Promise<Fleet> {
    const first = Bootstrap.example("learn-fleet");
    first.limpet().keys = formatKeys([newKey("k1")]);
    const storePort = await first.port(STORE_PORT);
    const backends = new Map<string, Backend>();
    for (const { name, port } of first.backends()) {
      const backend = new Backend(name, await first.port(port), target.backendHost);
      backend.answer = application(backend.name);
      await backend.open();
      backends.set(name, backend);
    }
    const fleet = new Fleet([], backends, storePort);
    onTestFinished(() => fleet.stop());
    for (let i = 0; i < size; i++) {
      const bootstrap = first.twin();
      change?.(bootstrap, i);
      const engine = new FleetEngine(target, bootstrap, concurrency);
      fleet.engines.push(engine);
      await engine.start();
    }
    return fleet;
  }

  engine(index: number): FleetEngine {
    const engine = this.engines[index];
    if (engine === undefined) throw new Error(`there is no engine ${index}`);
    return engine;
  }

  backend(name: string): Backend {
    const backend = this.backends.get(name);
    if (backend === undefined) throw new Error(`there is no backend ${name}`);
    return backend;
  }

  async stop(): Promise<void> {
    for (const engine of this.engines) await engine.stop();
    for (const backend of this.backends.values()) await backend.die();
  }
}

export class FleetEngine {
  #running: Running | undefined;
  #port = 0;

  constructor(
    private readonly target: Target,
    readonly bootstrap: Bootstrap,
    private readonly concurrency: number | undefined,
  ) {}

  async start(): Promise<void> {
    this.#running = await this.target.start({ config: await this.bootstrap.render(), concurrency: this.concurrency });
    this.#port = await this.#running.listener("main");
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
  }

  log(): string {
    return this.#running?.log() ?? "";
  }

  /** One GET, on a connection of its own. */
  get(path: string, ...lines: string[]): Promise<Message> {
    return exchange(this.#port, get(path, ...lines));
  }

  /** A connection to it, for what `get` cannot do. */
  open(): Promise<Connection> {
    return Connection.open(this.#port);
  }

  /** A new session. */
  async login(): Promise<Login> {
    const answer = await this.get("/login");
    const id = /JSESSIONID=([^;]*)/.exec(answer.lines("set-cookie").join())?.[1] ?? "";
    return { server: answer.body, id, cookie: `Cookie: JSESSIONID=${id}` };
  }

  /** How many of `count` requests with that cookie each server got. */
  async spread(count: number, cookie: string): Promise<Record<string, number>> {
    const servers: Record<string, number> = {};
    for (let i = 0; i < count; i++) {
      const { body } = await this.get("/", cookie);
      servers[body] = (servers[body] ?? 0) + 1;
    }
    return servers;
  }

  /** Waits until six requests in a row reach the server: round robin over three never does so by chance. */
  untilSticks(cookie: string, server: string, when = ""): Promise<void> {
    return until(`${when} the session sticks`, async () => (await this.spread(6, cookie))[server] === 6);
  }

  /** A metric of the store. */
  async metric(name: string): Promise<number> {
    const stats = await (await fetch(`http://127.0.0.1:${this.#running?.adminPort}/stats?filter=store`)).text();
    const pattern = new RegExp(`limpet\\.policy\\.default\\.rule\\.learn_JSESSIONID\\.store\\.${name}: (\\d+)`);
    return Number(pattern.exec(stats)?.[1] ?? Number.NaN);
  }

  untilMetric(name: string, holds: (value: number) => boolean): Promise<void> {
    return until(`store.${name} is as expected`, async () => holds(await this.metric(name)));
  }
}

export interface Login {
  server: string;
  id: string;
  /** The header line that brings the session. */
  cookie: string;
}

function application(name: string): Backend["answer"] {
  let sessions = 0;
  return (request) => {
    if (request.path === "/login") return ok(name, `Set-Cookie: JSESSIONID=secret-${name}-${sessions++}; Path=/`);
    if (request.path === "/logout") return ok(name, "Set-Cookie: JSESSIONID=; Max-Age=0; Path=/");
    return ok(name);
  };
}
