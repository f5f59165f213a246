/** Clients of each protocol; an answer looks the same, whichever it came by. */

import { once } from "node:events";
import { type IncomingHttpHeaders, request } from "node:http";
import { type ClientHttp2Session, connect } from "node:http2";

export interface Answered {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  trailers: Record<string, unknown>;
  /** Informational responses that came before. */
  informed: number[];
}

export interface Asked {
  method?: string;
  /** A cookie of its own field each, where the protocol has them (RFC 9113, section 8.2.3). */
  cookies?: string[];
  headers?: Record<string, string>;
  body?: Buffer;
  trailers?: Record<string, string>;
}

/** HTTP/1.1, on a connection of its own. */
export async function askHttp1(host: string, port: number, path: string, asked: Asked = {}): Promise<Answered> {
  const { method = "GET", cookies = [], headers = {}, body, trailers } = asked;
  const informed: number[] = [];
  const sent = request({
    ...{ host, port, path, method, agent: false },
    headers: { host: "app.test", ...(cookies.length > 0 ? { cookie: cookies.join("; ") } : {}), ...headers },
  });
  sent.on("information", ({ statusCode }) => informed.push(statusCode));
  const response = once(sent, "response");
  if (headers.expect === "100-continue") {
    await once(sent, "continue");
    informed.push(100);
  }
  if (trailers) sent.addTrailers(trailers);
  sent.end(body);
  const [message] = await response;
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  const { statusCode: status, headers: received, trailers: last } = message;
  return { status, headers: received, body: Buffer.concat(chunks), trailers: last, informed };
}

/** HTTP/2: a connection, with as many requests as one likes. */
export class Http2Client {
  private constructor(readonly session: ClientHttp2Session) {}

  /** @param origin `http://...` with prior knowledge, or `https://...` with ALPN, whose certificate is trusted */
  static async open(origin: string, certificate?: string): Promise<Http2Client> {
    const session = connect(origin, { ca: certificate, servername: "app.test" });
    await once(session, "connect");
    return new Http2Client(session);
  }

  stream(path: string, { method = "GET", cookies, headers, trailers }: Asked = {}) {
    const fields = { ":method": method, ":path": path, ":authority": "app.test", ...headers };
    const stream = this.session.request(cookies ? { ...fields, cookie: cookies } : fields, {
      endStream: method === "GET" || method === "HEAD",
      waitForTrailers: trailers !== undefined,
    });
    if (trailers) stream.once("wantTrailers", () => stream.sendTrailers(trailers));
    return stream;
  }

  async ask(path: string, asked: Asked = {}): Promise<Answered> {
    const stream = this.stream(path, asked);
    const informed: number[] = [];
    stream.on("headers", (headers) => informed.push(headers[":status"] ?? 0));
    let trailers = {};
    stream.once("trailers", (fields) => {
      trailers = fields;
    });
    const response = once(stream, "response");
    if (!stream.writableEnded) stream.end(asked.body);
    const [headers] = await response;
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return { status: headers[":status"], headers, body: Buffer.concat(chunks), trailers, informed };
  }

  close(): void {
    this.session.destroy();
  }
}
