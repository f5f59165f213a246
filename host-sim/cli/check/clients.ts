/** Clients for the check: each keeps its cookies, its address and its connection, as a browser does. */
import { Agent, type IncomingMessage, request } from "node:http";
import type { Echo } from "../../backends/echo.js";
import type { HostPort } from "../layout.js";

/** What a client saw of one request. */
export interface Visit {
  status: number;
  /** The id of the backend that answered; undefined if none did. */
  server?: string;
  /** The names of the cookies that the response set. */
  cookiesSet: string[];
}

export interface ClientOptions {
  /** The address that the client connects from (Linux: any of 127.0.0.0/8). */
  localAddress?: string;
  /** Header fields that it sends with each request. */
  headers: Record<string, string>;
}

const TIMEOUT_MS = 10_000;

export class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #cookies = new Map<string, string>();

  constructor(
    readonly target: HostPort,
    readonly options: ClientOptions,
  ) {}

  /** One GET; a connection that fails is a visit with status 0. */
  async visit(path: string): Promise<Visit> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...this.options.headers, ...(cookie ? { cookie } : {}) };
    try {
      const { response, body } = await this.#get(path, headers);
      const cookiesSet = (response.headers["set-cookie"] ?? []).map((line) => this.#store(line));
      const status = response.statusCode ?? 0;
      return { status, server: status === 200 ? (JSON.parse(body) as Echo).server : undefined, cookiesSet };
    } catch {
      return { status: 0, cookiesSet: [] };
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #get(path: string, headers: Record<string, string>): Promise<{ response: IncomingMessage; body: string }> {
    const { localAddress } = this.options;
    return new Promise((resolve, reject) => {
      const options = { ...this.target, path, headers, localAddress, agent: this.#agent, timeout: TIMEOUT_MS };
      const sent = request(options, async (response) => {
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

  /** Keeps a cookie for all paths; an empty one is forgotten. Returns its name. */
  #store(setCookie: string): string {
    const [, name = "", value = ""] = /^([^=;]*)=([^;]*)/.exec(setCookie) ?? [];
    if (value === "") this.#cookies.delete(name);
    else this.#cookies.set(name, value);
    return name;
  }
}
