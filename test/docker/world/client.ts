/** One visitor: what it remembers of its session, and one connection that it keeps. */
import type { IncomingHttpHeaders } from "node:http";
import { CookieJar } from "../../../host-sim/testing/cookie-jar.js";
import {
  type Begun,
  type Connection,
  Http1Connection,
  Http2Connection,
  openWebSocket,
  type Place,
} from "./connections.js";
import { ATTEMPTS, RETRIES, type SessionProxy } from "./proxy.js";

const ANSWER_LIMIT_MS = 10_000;

export interface Ask {
  path: string;
  method?: string;
  body?: Buffer;
  /** Opened, used for a few messages, and closed. */
  isWebSocket?: true;
  /** The client loses patience so early; of a body it has sent half by then. */
  giveUpAfterMs?: number;
}

/** How a client speaks, and how its requests tell the session. A browser with HTTP/1.1 and cookies, unless told. */
export interface Manner {
  http2?: boolean;
  /** Stands before each path: which application is asked. */
  prefix?: string;
  /** A parameter of each request. */
  query?: string;
  /** In which the client is told its session, and tells it. */
  sessionHeader?: string;
  /** The client's own address. */
  localAddress?: string;
  /** What the client sends always means the same server: a session that was answered by another one comes back. */
  comesBack?: boolean;
}

/** What became of a request. */
export interface Outcome {
  /** Which proxy was asked, by its place. */
  proxy: number;
  /** Who answered, in full; undefined where nobody did. */
  server: string | undefined;
  /** Why it counts as failed: a status, or a system's error. */
  failure?: string;
  /** Whose answer had begun, where it broke off. */
  brokenOffBy?: string;
  /** The client did not wait for the end. */
  gaveUp?: true;
  retries: number;
}

export class Client {
  readonly #cookies = new CookieJar();
  #session: string | undefined;
  readonly #connection: Connection;

  /** @param outOfService proxies that get no new connections */
  constructor(
    private readonly proxies: readonly SessionProxy[],
    private readonly outOfService: ReadonlySet<SessionProxy>,
    private place: number,
    private readonly manner: Manner,
  ) {
    this.#connection = manner.http2 ? new Http2Connection() : new Http1Connection();
  }

  async visit(ask: Ask): Promise<Outcome> {
    for (let attempt = 1; ; attempt++) {
      const signal = AbortSignal.timeout(ask.giveUpAfterMs ?? ANSWER_LIMIT_MS);
      let begun: Begun | undefined;
      try {
        begun = await this.#send(ask, signal);
        for await (const _ of begun.body);
        return this.#answered(begun);
      } catch (error) {
        const { code = `${error}`, syscall } = error as NodeJS.ErrnoException;
        const { place: proxy } = this;
        if (signal.aborted && ask.giveUpAfterMs !== undefined) {
          // What it has heard by then counts.
          return begun
            ? { ...this.#answered(begun), gaveUp: true }
            : { proxy, server: undefined, retries: 0, gaveUp: true };
        }
        // Nothing was sent yet: the next address, as a name with several has it.
        if (syscall === "connect" && attempt < this.proxies.length) {
          this.#next();
          continue;
        }
        const brokenOffBy = begun && server(begun.headers);
        return {
          ...{ proxy, server: undefined, failure: signal.aborted ? "no answer" : code, retries: 0 },
          ...(brokenOffBy === undefined ? {} : { brokenOffBy }),
        };
      }
    }
  }

  #next(): void {
    this.place = (this.place + 1) % this.proxies.length;
  }

  async #send({ path, method = "GET", body, isWebSocket, giveUpAfterMs }: Ask, signal: AbortSignal): Promise<Begun> {
    if (!this.#connection.isOpen && this.outOfService.has(this.proxies[this.place]!)) this.#next();
    const { container, port } = this.proxies[this.place]!;
    const { prefix = "", query, sessionHeader, localAddress } = this.manner;
    const at: Place = { host: container.address, port, localAddress };
    const sent = {
      method,
      path: `${prefix}${path}${query === undefined ? "" : `${path.includes("?") ? "&" : "?"}${query}`}`,
      headers: sessionHeader && this.#session ? { [sessionHeader]: this.#session } : {},
      cookies: Array.from(this.#cookies, ([name, value]) => `${name}=${value}`),
      body: body && { bytes: body, sent: giveUpAfterMs === undefined ? body.length : body.length / 2 },
      signal,
    };
    return isWebSocket ? openWebSocket(at, sent) : this.#connection.send(at, sent);
  }

  #answered({ status, headers }: Begun): Outcome {
    for (const line of headers["set-cookie"] ?? []) this.#cookies.keep(line);
    const { sessionHeader = "" } = this.manner;
    const session = headers[sessionHeader.toLowerCase()];
    if (typeof session === "string") this.#session = session;
    const failed = status === 200 || status === 101 ? {} : { failure: `${status}` };
    return { proxy: this.place, server: server(headers), retries: retries(headers), ...failed };
  }

  /** From now on it is a visitor who was never here. */
  forget(): void {
    this.#cookies.clear();
    this.#session = undefined;
  }

  close(): void {
    this.#connection.close();
  }
}

function server(headers: IncomingHttpHeaders): string | undefined {
  const served = headers["x-server"];
  return typeof served === "string" ? served : undefined;
}

/** How often the proxy tried again: Envoy tells the attempts, and `-` where there was none. */
function retries(headers: IncomingHttpHeaders): number {
  const told = headers[RETRIES] ?? Number(headers[ATTEMPTS]) - 1;
  return Number.parseInt(`${told}`, 10) || 0;
}
