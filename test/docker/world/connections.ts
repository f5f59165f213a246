/** How a client's requests reach a proxy: HTTP/1.1, HTTP/2, WebSocket; what comes back looks the same. */
import { once } from "node:events";
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { type ClientHttp2Session, connect } from "node:http2";
import { type Socket, connect as tcp } from "node:net";
import { WebSocket } from "ws";

const CONNECT_LIMIT_MS = 1000;

export interface Place {
  host: string;
  port: number;
  /** The client's own address; one of this machine's choice, unless told. */
  localAddress: string | undefined;
}

export interface Sent {
  method: string;
  path: string;
  headers: Record<string, string>;
  cookies: readonly string[];
  /** Of an upload; `sent` of its bytes are sent, and no end where these are not all. */
  body?: { bytes: Buffer; sent: number } | undefined;
  /** Ends the request, wherever it has come to. */
  signal: AbortSignal;
}

/** An answer that has begun. */
export interface Begun {
  status: number;
  headers: IncomingHttpHeaders;
  /** Its pieces; throws where it breaks off. */
  body: AsyncIterable<unknown>;
}

/**
 * One that is kept, and made anew where it has ended. What goes wrong before an answer has begun is thrown: with the
 * `syscall` "connect" where nothing was sent yet.
 */
export interface Connection {
  /** Whether a request now would go over a connection that stands. */
  readonly isOpen: boolean;
  send(place: Place, sent: Sent): Promise<Begun>;
  close(): void;
}

/** Ends a connection that does not come about. */
function limited(socket: Socket): Socket {
  if (!socket.connecting) return socket;
  const late = Object.assign(new Error("no connection"), { code: "ETIMEDOUT", syscall: "connect" });
  const timer = setTimeout(() => socket.destroy(late), CONNECT_LIMIT_MS);
  socket.once("connect", () => clearTimeout(timer));
  socket.once("close", () => clearTimeout(timer));
  return socket;
}

const contentLength = ({ body }: Sent): Record<string, string> =>
  body ? { "content-length": `${body.bytes.length}` } : {};

function upload(stream: NodeJS.WritableStream, { body }: Sent): void {
  if (body === undefined) stream.end();
  else if (body.sent === body.bytes.length) stream.end(body.bytes);
  else stream.write(body.bytes.subarray(0, body.sent));
}

export class Http1Connection implements Connection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  get isOpen(): boolean {
    return Object.keys(this.#agent.freeSockets).length > 0;
  }

  async send({ localAddress, ...at }: Place, sent: Sent): Promise<Begun> {
    const { method, path, signal, cookies } = sent;
    const headers = {
      ...sent.headers,
      ...contentLength(sent),
      ...(cookies.length > 0 ? { cookie: cookies.join("; ") } : {}),
    };
    const body = await new Promise<IncomingMessage>((resolve, reject) => {
      const own = localAddress === undefined ? {} : { localAddress };
      const asked = request({ ...at, ...own, agent: this.#agent, method, path, headers, signal }, resolve);
      asked.on("error", reject);
      asked.once("socket", limited);
      upload(asked, sent);
    });
    return { status: body.statusCode ?? 0, headers: body.headers, body };
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** In the clear, with prior knowledge; each cookie in a field of its own, as browsers have it. */
export class Http2Connection implements Connection {
  #session: ClientHttp2Session | undefined;

  get isOpen(): boolean {
    return this.#session !== undefined && !this.#session.closed && !this.#session.destroyed;
  }

  async send(place: Place, sent: Sent): Promise<Begun> {
    if (!this.isOpen) this.#session = await open(place);
    const { method, path, signal, cookies } = sent;
    const fields = { ":method": method, ":path": path, cookie: [...cookies], ...sent.headers, ...contentLength(sent) };
    const stream = this.#session!.request(fields, { endStream: sent.body === undefined, signal });
    // It is told again what the signal has ended already.
    stream.on("error", () => {});
    const response = once(stream, "response", { signal });
    if (sent.body) upload(stream, sent);
    const [headers] = await response;
    return { status: headers[":status"], headers, body: stream };
  }

  close(): void {
    this.#session?.destroy();
  }
}

async function open({ host, port, localAddress }: Place): Promise<ClientHttp2Session> {
  const own = localAddress === undefined ? {} : { localAddress };
  const session = connect(`http://${host}:${port}`, { createConnection: () => limited(tcp({ host, port, ...own })) });
  await once(session, "connect");
  // Whoever has a stream on it hears of its end.
  session.on("error", () => {});
  return session;
}

const MESSAGES = ["one", "two"];

/** Its body are the answers to a few messages. Always on a connection of its own. */
export async function openWebSocket({ host, port, localAddress }: Place, sent: Sent): Promise<Begun> {
  const { path, signal, cookies } = sent;
  const headers = { ...sent.headers, ...(cookies.length > 0 ? { cookie: cookies.join("; ") } : {}) };
  const own = localAddress === undefined ? {} : { localAddress };
  const socket = new WebSocket(`ws://${host}:${port}${path}`, { headers, ...own });
  const abort = () => socket.terminate();
  signal.addEventListener("abort", abort, { once: true });
  let message: IncomingMessage | undefined;
  socket.once("upgrade", (response) => {
    message = response;
  });
  const refused = new Promise<IncomingMessage>((resolve) =>
    socket.once("unexpected-response", (_, response) => resolve(response)),
  );
  const refusal = await Promise.race([once(socket, "open", { signal }).then(() => undefined), refused]);
  if (refusal) {
    refusal.once("end", abort);
    return { status: refusal.statusCode ?? 0, headers: refusal.headers, body: refusal };
  }
  return { status: message!.statusCode ?? 0, headers: message!.headers, body: exchange(socket, signal) };
}

async function* exchange(socket: WebSocket, signal: AbortSignal): AsyncGenerator<unknown> {
  const closed = once(socket, "close", { signal }).then(() => {
    throw Object.assign(new Error("the WebSocket was closed"), { code: "ECONNRESET" });
  });
  closed.catch(() => {});
  for (const text of MESSAGES) {
    socket.send(text);
    const [answer] = (await Promise.race([once(socket, "message", { signal }), closed])) as [unknown];
    yield answer;
  }
  socket.terminate();
}
