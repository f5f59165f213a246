import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { ByteStream } from "./byte-stream.js";
import type { Message } from "./message.js";

/**
 * What a backend does with a request: raw bytes to send, or
 * - `close`: ends the connection, `reset`: with a TCP reset, both without an answer;
 * - `hang`: never answers;
 * - a function: takes the connection over (an upgrade).
 */
export type Answer = string | "close" | "reset" | "hang" | ((connection: ByteStream) => void);

/** Raw bytes of a 200 whose body is `body`, with further header lines. */
export function ok(body: string, ...lines: string[]): string {
  return response("200 OK", body, ...lines);
}

/** Raw bytes of a response, with `content-length`. */
export function response(status: string, body: string, ...lines: string[]): string {
  const head = [`HTTP/1.1 ${status}`, `content-length: ${body.length}`, ...lines];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

/** Raw bytes of a 200 whose body comes in these chunks. */
export function chunked(chunks: string[]): string {
  const body = [...chunks, ""].map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`);
  return `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${body.join("")}`;
}

/** A scripted HTTP/1.1 server: records what reaches it, byte for byte; its body is its name. */
export class Backend {
  /** The requests, oldest first, as received. */
  readonly requests: Message[] = [];
  answer: (request: Message) => Answer | Promise<Answer> = () => ok(this.name);
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();
  /** Those with a request that has no answer yet. */
  readonly #busy = new Set<Socket>();
  #isEnding = false;

  constructor(
    readonly name: string,
    readonly port: number,
    /** This machine, as the engine sees it. */
    readonly host = "127.0.0.1",
  ) {}

  /** What the engine's configuration calls it. */
  get address(): string {
    return `${this.host}:${this.port}`;
  }

  /** The latest request. @throws if there is none */
  get lastRequest(): Message {
    const last = this.requests.at(-1);
    if (!last) throw new Error(`${this.name} has seen no request`);
    return last;
  }

  /** Starts to accept (again). */
  async open(): Promise<void> {
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      void this.#serve(socket);
    });
    this.#server = server;
    server.listen(this.port, this.host);
    await once(server, "listening");
  }

  /** Dies: resets what is connected, and from then on refuses. */
  async die(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.resetAndDestroy();
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  /** Ends in order, as on SIGTERM: refuses new connections, answers what it has, and closes the old ones. */
  async terminate(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const closed = server && new Promise((resolve) => server.close(resolve));
    this.#isEnding = true;
    for (const socket of this.#sockets) if (!this.#busy.has(socket)) socket.end();
    await closed;
    this.#isEnding = false;
  }

  async #serve(socket: Socket): Promise<void> {
    const stream = new ByteStream(socket);
    while (!this.#isEnding) {
      // A request cut short by a proxy that went away is not a request.
      const request = await stream.message("request").catch(() => undefined);
      if (!request) return;
      this.requests.push(request);
      this.#busy.add(socket);
      const answer = await this.answer(request);
      this.#busy.delete(socket);
      if (typeof answer === "function") return answer(stream);
      if (answer === "hang") return;
      if (answer === "close") return void socket.end();
      if (answer === "reset") return void socket.resetAndDestroy();
      socket.write(answer, "latin1");
    }
    socket.end();
  }
}
