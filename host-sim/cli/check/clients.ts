/** Clients for the check: each keeps its cookies, its address and its connection, as a browser does. */
import { Agent, type IncomingMessage, request } from "node:http";
import type { Echo } from "../../backends/echo.js";
import { CookieJar } from "../../testing/cookie-jar.js";
import type { HostPort } from "../layout.js";
import type { Method } from "./method.js";

/** What a client saw of one request. */
export interface Visit {
  status: number;
  /** The id of the backend that answered; undefined if none did. */
  server?: string;
  /** The names of the cookies that the response set. */
  cookiesSet: string[];
}

/** How a client differs from one that has its own address if the rules look at addresses, and keeps its cookies. */
export interface Habits {
  /** The address of its next request: what it connects from (on Linux), and its X-Forwarded-For. */
  address?: () => string;
  /** A connection of its own for each request. */
  moves?: boolean;
  cookies?: boolean;
}

const TIMEOUT_MS = 10_000;

export class Client {
  readonly #agent: Agent;
  readonly #cookies = new CookieJar();
  /** Where the cookies go that servers set: to the others, unless the client keeps none. */
  readonly #jar: CookieJar;
  readonly #headers: Record<string, string> = {};
  readonly #localAddress?: string;
  #visits = 0;

  /** The `index`th client (from 0): another session than all others. */
  constructor(
    readonly target: HostPort,
    readonly method: Method,
    readonly index: number,
    private readonly habits: Habits = {},
  ) {
    this.#jar = habits.cookies === false ? new CookieJar() : this.#cookies;
    this.#agent = new Agent({ keepAlive: !habits.moves, maxSockets: 1 });
    for (const { place, name, of } of method.values) {
      if (place === "cookie") this.#cookies.set(name, of(index));
      if (place === "header") this.#headers[name] = of(index);
    }
    // Different in the third octet, since rules may look at no more than the /24. (Linux has all of 127.0.0.0/8.)
    if (method.byAddress) this.#localAddress = `127.0.${index + 1}.1`;
  }

  /** One GET; a connection that fails is a visit with status 0. */
  async visit(): Promise<Visit> {
    const cookie = this.#cookies.header;
    try {
      const { response, body } = await this.#get({ ...this.#headers, ...(cookie === undefined ? {} : { cookie }) });
      const cookiesSet = (response.headers["set-cookie"] ?? []).map((line) => this.#jar.keep(line));
      for (const name of this.method.keeps) {
        const value = response.headers[name.toLowerCase()];
        if (typeof value === "string") this.#headers[name] = value;
      }
      const status = response.statusCode ?? 0;
      return { status, server: status === 200 ? (JSON.parse(body) as Echo).server : undefined, cookiesSet };
    } catch {
      return { status: 0, cookiesSet: [] };
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  /** The next request's target: the first one asks the backend for what only the application can issue. */
  #path(): string {
    const first = this.#visits++ === 0;
    const issued = first ? this.method.issued.map(({ place, name }) => `${place}.${name}=app-${this.index}`) : [];
    const parameters = (wanted: string) =>
      this.method.values.filter(({ place }) => place === wanted).map(({ name, of }) => `${name}=${of(this.index)}`);
    const path = [issued.length > 0 ? "/set" : `/client-${this.index}/${this.#visits}`, ...parameters("path")];
    const query = [...issued, ...parameters("query")];
    return path.join(";") + (query.length > 0 ? `?${query.join("&")}` : "");
  }

  #get(headers: Record<string, string>): Promise<{ response: IncomingMessage; body: string }> {
    const address = this.habits.address?.();
    if (address !== undefined) headers["x-forwarded-for"] = address;
    const localAddress = process.platform === "linux" ? (address ?? this.#localAddress) : this.#localAddress;
    const options = { ...this.target, path: this.#path(), headers, localAddress };
    return new Promise((resolve, reject) => {
      const sent = request({ ...options, agent: this.#agent, timeout: TIMEOUT_MS }, async (response) => {
        try {
          let body = "";
          for await (const chunk of response.setEncoding("utf8")) body += chunk;
          resolve({ response, body });
        } catch (error) {
          reject(error);
        }
      });
      sent.on("timeout", () => sent.destroy(new Error("timeout")));
      sent.on("error", reject);
      sent.end();
    });
  }
}
