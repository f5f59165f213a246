/** The embedded backend: an HTTP server that says who it is and what reached it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocketServer } from "ws";

/** What a backend answers, as JSON: its own id, and the request as it arrived. */
export interface Echo {
  server: string;
  method: string;
  path: string;
  /** The header fields in the order and the spelling in which they arrived. */
  headers: [name: string, value: string][];
  bodyBytes: number;
}

const MAX_DELAY_MS = 60_000;

/**
 * One backend on one address. Paths with a meaning, all others are just echoed:
 * `/healthz`, `/status/503`, `/slow?ms=500`, `/set?cookie.NAME=value&header.NAME=value`; a WebSocket gets its messages back.
 */
export class EchoBackend {
  readonly #server: Server;
  readonly #webSockets = new WebSocketServer({ noServer: true });
  readonly #sockets = new Set<Socket>();
  #paused: { over: Promise<void>; end: () => void } | undefined;

  private constructor(
    readonly id: string,
    readonly host: string,
    public port: number,
  ) {
    this.#server = createServer((request, response) => {
      Promise.resolve(this.#paused?.over)
        .then(() => answer(this.id, request, response))
        .catch(() => response.destroy());
    });
    this.#server.keepAliveTimeout = 0;
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    this.#server.on("upgrade", (request, socket, head) => {
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on("message", (data, isBinary) => webSocket.send(data, { binary: isBinary }));
        webSocket.on("error", () => webSocket.terminate());
      });
    });
  }

  /** Starts a backend; port 0 takes a free one. Rejects with the system's error (EADDRINUSE, ...). */
  static async start(id: string, host: string, port: number): Promise<EchoBackend> {
    const backend = new EchoBackend(id, host, port);
    await backend.listen();
    return backend;
  }

  /** Accepts connections, again after `kill`. */
  async listen(): Promise<void> {
    if (this.#server.listening) return;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.port, this.host, () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
    this.port = (this.#server.address() as AddressInfo).port;
  }

  /** Accepts requests and answers none until `resume`, as a process that hangs. */
  pause(): void {
    if (this.#paused) return;
    let end = () => {};
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#paused = { over, end };
  }

  resume(): void {
    this.#paused?.end();
    this.#paused = undefined;
  }

  /** What it was made to be; undefined while it serves. */
  get condition(): "killed" | "paused" | undefined {
    if (!this.#server.listening) return "killed";
    return this.#paused && "paused";
  }

  /** Refuses connections from now on and breaks the open ones, as a killed process would. */
  async kill(): Promise<void> {
    this.resume();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

async function answer(id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let bodyBytes = 0;
  for await (const chunk of request) bodyBytes += (chunk as Buffer).length;
  const [path = "/", query] = (request.url ?? "/").split("?", 2);
  const parameters = new URLSearchParams(query);

  if (path === "/healthz") {
    response.end("ok\n");
    return;
  }
  if (path === "/slow") {
    const delay = Number(parameters.get("ms") ?? 1000);
    await sleep(Math.min(Number.isFinite(delay) ? delay : 0, MAX_DELAY_MS), undefined, { ref: false });
  }
  if (path.split(";", 1)[0] === "/set") {
    for (const [name, value] of parameters) {
      if (name.startsWith("cookie.")) response.appendHeader("set-cookie", `${name.slice(7)}=${value}; Path=/`);
      if (name.startsWith("header.")) response.appendHeader(name.slice(7), value);
    }
  }
  const status = Number(/^\/status\/([2-5]\d\d)$/.exec(path)?.[1] ?? 200);
  const headers = pairs(request.rawHeaders);
  const echo: Echo = { server: id, method: request.method ?? "", path: request.url ?? "/", headers, bodyBytes };
  response.writeHead(status, { "content-type": "application/json" });
  response.end(`${readable(echo)}\n`);
}

function pairs(raw: string[]): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i] ?? "", raw[2 * i + 1] ?? ""]);
}

/** JSON with one header field a line. */
function readable(echo: Echo): string {
  const { headers, ...rest } = echo;
  const fields = headers.map((field) => `\n    ${JSON.stringify(field)}`).join(",");
  return `${JSON.stringify(rest, undefined, 2).slice(0, -2)},\n  "headers": [${fields}\n  ]\n}`;
}
