/** Clients with sessions that ask without end, and what became of them. */
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { ATTEMPTS, RETRIES, type SessionProxy } from "./proxy.js";

const CONNECT_LIMIT_MS = 1000;
const ANSWER_LIMIT_MS = 5000;
const PAUSE_MS = 50;

export interface Ask {
  path: string;
  method?: string;
  body?: Buffer;
}

export interface CrowdOptions {
  size: number;
  /** What a session asks, in turn; beginning at its own place, so that not all ask the same. */
  asks: readonly Ask[];
  /** After so many visits a session's client forgets its cookies, and is a new visitor. */
  visitsOfSession?: number;
}

/** A request to its end. */
export interface Visit {
  session: number;
  from: number;
  to: number;
  /** Which proxy was asked, by its place. */
  proxy: number;
  /** Who answered; undefined where nobody did. */
  server: string | undefined;
  /** Why it counts as failed: a status, or a system's error. */
  failure?: string;
  retries: number;
}

/** A change of servers within a session. */
export interface Move {
  session: number;
  from: string;
  to: string;
  /** The visit that was answered by another server than the one before. */
  visit: Visit;
}

export class Crowd {
  readonly visits: Visit[] = [];
  readonly moves: Move[] = [];
  readonly #homes: (string | undefined)[] = [];
  #isOver = false;
  #sessions: Promise<void>[] = [];

  /** Proxies that get no new connections, as a balancer before them would have it. */
  readonly #outOfService = new Set<SessionProxy>();

  private constructor(
    private readonly proxies: readonly SessionProxy[],
    private readonly options: CrowdOptions,
  ) {}

  /** Each session asks its proxy, the next one where no connection can be made, and so on in a circle. */
  static start(proxies: readonly SessionProxy[], options: CrowdOptions): Crowd {
    const crowd = new Crowd(proxies, options);
    crowd.#sessions = Array.from({ length: options.size }, (_, session) => crowd.#live(session));
    return crowd;
  }

  /** From now on new connections go to the others; or to this one too again. */
  inService(proxy: SessionProxy, isInService: boolean): void {
    if (isInService) this.#outOfService.delete(proxy);
    else this.#outOfService.add(proxy);
  }

  /** The server of each session, in order. */
  get homes(): readonly (string | undefined)[] {
    return this.#homes;
  }

  /** Lets every session make its last visit. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#sessions);
  }

  /** Waits until every session has made so many further visits. */
  async goOn(visits: number): Promise<void> {
    const counts = () => {
      const made = new Map<number, number>();
      for (const { session } of this.visits) made.set(session, (made.get(session) ?? 0) + 1);
      return this.#sessions.map((_, session) => made.get(session) ?? 0);
    };
    const before = counts();
    while (counts().some((count, session) => count < before[session]! + visits)) await delay(20);
  }

  async #live(session: number): Promise<void> {
    const { proxies, options } = this;
    const { asks, visitsOfSession = Number.POSITIVE_INFINITY } = options;
    const client = new Client(proxies, this.#outOfService, session % proxies.length);
    // Not all at once.
    await delay((session * PAUSE_MS) / 7);
    for (let i = session; !this.#isOver; i++) {
      if (i % visitsOfSession === 0) {
        client.forget();
        this.#homes[session] = undefined;
      }
      const from = performance.now();
      const answer = await client.visit(asks[i % asks.length]!);
      const visit = { session, from, to: performance.now(), ...answer };
      this.visits.push(visit);
      this.#note(visit);
      await delay(PAUSE_MS);
    }
    client.close();
  }

  #note(visit: Visit): void {
    const { session, server } = visit;
    if (server === undefined) return;
    const home = this.#homes[session];
    this.#homes[session] = server;
    if (home !== undefined && home !== server) this.moves.push({ session, from: home, to: server, visit });
  }
}

type Answer = Pick<Visit, "proxy" | "server" | "failure" | "retries">;

/** One browser: a cookie jar, and one connection that it keeps. */
class Client {
  readonly #cookies = new Map<string, string>();
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(
    private readonly proxies: readonly SessionProxy[],
    private readonly outOfService: ReadonlySet<SessionProxy>,
    private place: number,
  ) {}

  async visit(ask: Ask): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#send(ask);
      } catch (error) {
        const { name, code = `${error}`, syscall } = error as NodeJS.ErrnoException;
        // Nothing was sent yet: the next address, as a name with several has it.
        if (syscall === "connect" && attempt < this.proxies.length) {
          this.#next();
          continue;
        }
        return {
          proxy: this.place,
          server: undefined,
          failure: name === "AbortError" ? "no answer" : code,
          retries: 0,
        };
      }
    }
  }

  #next(): void {
    this.place = (this.place + 1) % this.proxies.length;
  }

  async #send({ path, method, body }: Ask): Promise<Answer> {
    const isConnected = Object.keys(this.#agent.freeSockets).length > 0;
    if (!isConnected && this.outOfService.has(this.proxies[this.place]!)) this.#next();
    const { container, port } = this.proxies[this.place]!;
    const cookie = Array.from(this.#cookies, ([name, value]) => `${name}=${value}`).join("; ");
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request(
        {
          ...{ agent: this.#agent, host: container.address, port, path, method },
          headers: cookie ? { cookie } : {},
          signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
        },
        resolve,
      );
      asked.once("error", reject);
      asked.once("socket", (socket) => {
        if (!socket.connecting) return;
        const late = Object.assign(new Error("no connection"), { code: "ETIMEDOUT", syscall: "connect" });
        const timer = setTimeout(() => socket.destroy(late), CONNECT_LIMIT_MS);
        socket.once("connect", () => clearTimeout(timer));
        socket.once("close", () => clearTimeout(timer));
      });
      asked.end(body);
    });
    for await (const _ of response);
    for (const line of response.headers["set-cookie"] ?? []) {
      const [, name, value] = /^([^=;]+)=([^;]*)/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) this.#cookies.set(name, value);
    }
    const { statusCode = 0, headers } = response;
    const served = headers["x-server"];
    const failed = statusCode === 200 ? {} : { failure: `${statusCode}` };
    const server = typeof served === "string" ? served : undefined;
    return { proxy: this.place, server, retries: retries(headers), ...failed };
  }

  forget(): void {
    this.#cookies.clear();
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** How often the proxy tried again: Envoy tells the attempts, and `-` where there was none. */
function retries(headers: IncomingHttpHeaders): number {
  const told = headers[RETRIES] ?? Number(headers[ATTEMPTS]) - 1;
  return Number.parseInt(`${told}`, 10) || 0;
}
