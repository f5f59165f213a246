/** A client with a cookie jar, for tests. */
import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import type { RequestLogEntry } from "../proxy/request-log.js";
import { CookieJar } from "./cookie-jar.js";
import { readVerdict, type Verdict } from "./verdict.js";

const PATIENCE_MS = 20_000;

/** What a client sends. */
export interface ClientRequest {
  /** `GET` unless told. */
  method?: string;
  /** `/` unless told. */
  path?: string;
  /** Besides `Host` and the jar's cookies. */
  headers?: Record<string, string | string[]>;
  body?: string | Uint8Array;
}

/** What came back, and what the proxy says of it. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** The values of `Set-Cookie`, in order. */
  setCookies: string[];
  body: string;
  /** The id of the backend that answered; undefined where the proxy itself did. */
  server: string | undefined;
  /** What the filter says; undefined where none ran or it is told to leave none (`verdict: false`). */
  verdict: Verdict | undefined;
  /** The request in the proxy's own words. */
  log: RequestLogEntry;
}

/** How a client reaches what it visits. */
export interface ClientOptions {
  /** The client's own address, one of 127.0.0.0/8; on Linux all of them are there. 127.0.0.1 unless told. */
  from?: string;
  /** The listener's name; the file's first one unless told. */
  listener?: string;
}

/** What a client has to know of the stage. */
export interface Surroundings {
  port: number;
  /** The entry of the request that came on the connection from this `ip:port`, as soon as it is over. */
  entryOf(connection: string): Promise<RequestLogEntry>;
  /** The backend's id at `ip:port`. */
  serverAt(address: string): string | undefined;
}

/** A client in the manner of a browser: it keeps its cookies. Each request has a connection of its own. */
export class Client {
  /** By name; a test may change them. */
  readonly cookies = new CookieJar();
  readonly #at: Surroundings;
  readonly #from: string;

  /** Made by `Stage.client`. */
  constructor(at: Surroundings, from = "127.0.0.1") {
    this.#at = at;
    this.#from = from;
  }

  /** One GET. */
  get(path = "/", headers: Record<string, string | string[]> = {}): Promise<Answer> {
    return this.send({ path, headers });
  }

  /** One request. Rejects with the system's error where the connection fails. */
  async send({ method = "GET", path = "/", headers = {}, body }: ClientRequest): Promise<Answer> {
    const { header } = this.cookies;
    const sent = { ...(header === undefined ? {} : { cookie: header }), ...headers };
    const { response, text, connection } = await this.#exchange(method, path, sent, body);
    const setCookies = response.headers["set-cookie"] ?? [];
    for (const setCookie of setCookies) this.cookies.keep(setCookie);
    const log = await this.#at.entryOf(connection);
    const answered = log.responseFlags.length === 0 && log.upstream !== undefined;
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      setCookies,
      body: text,
      server: answered ? this.#at.serverAt(log.upstream!) : undefined,
      verdict: log.verdict === undefined ? undefined : readVerdict(log.verdict),
      log,
    };
  }

  #exchange(
    method: string,
    path: string,
    headers: Record<string, string | string[]>,
    body: ClientRequest["body"],
  ): Promise<{ response: IncomingMessage; text: string; connection: string }> {
    const target = { host: "127.0.0.1", port: this.#at.port, localAddress: this.#from };
    return new Promise((resolve, reject) => {
      const sent = request(
        { ...target, method, path, headers, agent: false, timeout: PATIENCE_MS },
        async (response) => {
          const connection = `${this.#from}:${response.socket.localPort}`;
          try {
            let text = "";
            for await (const chunk of response.setEncoding("utf8")) text += chunk;
            resolve({ response, text, connection });
          } catch (error) {
            reject(error);
          }
        },
      );
      sent.on("timeout", () => sent.destroy(new Error(`no answer to ${method} ${path} in ${PATIENCE_MS} ms`)));
      sent.on("error", reject);
      sent.end(body);
    });
  }
}
