/** What the server answers, whichever HTTP it is asked in. */
import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { setTimeout as delay } from "node:timers/promises";

export type Request = IncomingMessage | Http2ServerRequest;
export type Response = ServerResponse | Http2ServerResponse;

/** What a plain path answers: who served, and the request as it arrived. */
export interface Answer {
  server: string;
  version: string;
  method: string;
  /** The `cookie` fields, each as it came. */
  cookies: string[];
  bytes: number;
  sha256: string;
  trailers: Record<string, string>;
}

const CHUNK = Buffer.alloc(64 * 1024, "limpet ");

/**
 * Paths with a meaning: `/healthz`, `/slow?ms=`, `/download?bytes=`, `/events?count=&ms=` (server-sent), `/trailers`;
 * `application/grpc` gets each message back when it has come. All others tell what arrived. With the parameter
 * `session` who has none that this server knows gets an application's session cookie.
 */
export function handler(server: string): (request: Request, response: Response) => void {
  const sessions = new Set<string>();
  return (request, response) => {
    answer(server, sessions, request, response).catch(() => request.socket?.destroy());
  };
}

async function answer(server: string, sessions: Set<string>, request: Request, response: Response): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://backend");
  const number = (name: string) => Number(searchParams.get(name) ?? 0);
  response.setHeader("x-server", server);
  // The application's own session, which only its server knows, and which ends with it.
  const [, known = ""] = /JSESSIONID=([^;]*)/.exec(request.headers.cookie ?? "") ?? [];
  if (searchParams.has("session") && !sessions.has(known)) {
    const session = randomUUID();
    sessions.add(session);
    response.setHeader("set-cookie", `JSESSIONID=${session}; Path=/`);
  }
  if (request.headers["content-type"]?.startsWith("application/grpc")) return grpc(request, response);
  const { bytes, sha256 } = await read(request);
  if (pathname === "/healthz") return end(response, "ok\n");
  if (pathname === "/download") return download(response, number("bytes"));
  if (pathname === "/events") return events(server, response, number("count"), number("ms"));
  if (pathname === "/slow") await delay(number("ms"));
  if (pathname === "/trailers") {
    response.setHeader("trailer", "x-checksum");
    response.addTrailers({ "x-checksum": sha256 });
  }
  const told: Answer = {
    server,
    version: request.httpVersion,
    method: request.method ?? "",
    cookies: values(request.rawHeaders, "cookie"),
    bytes,
    sha256,
    trailers: { ...request.trailers } as Record<string, string>,
  };
  response.setHeader("content-type", "application/json");
  end(response, `${JSON.stringify(told)}\n`);
}

async function read(request: Request): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of request) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}

async function download(response: Response, bytes: number): Promise<void> {
  for (let left = bytes; left > 0; left -= CHUNK.length) {
    if (!write(response, CHUNK.subarray(0, Math.min(left, CHUNK.length)))) await drained(response);
  }
  response.end();
}

async function events(server: string, response: Response, count: number, ms: number): Promise<void> {
  response.setHeader("content-type", "text/event-stream");
  for (let i = 0; i < count; i++) {
    write(response, `id: ${i}\ndata: ${server}\n\n`);
    await delay(ms);
  }
  response.end();
}

/** Each message goes back as it comes; length-prefixed as gRPC has it, which nobody here needs to look into. */
async function grpc(request: Request, response: Response): Promise<void> {
  response.setHeader("content-type", "application/grpc");
  response.setHeader("trailer", "grpc-status");
  response.addTrailers({ "grpc-status": "0" });
  for await (const chunk of request) if (!write(response, chunk)) await drained(response);
  response.end();
}

// The types of HTTP/1.1 and HTTP/2 say the same in different words, which a union of them cannot be called by.
const write = (response: Response, chunk: Buffer | string) => (response as ServerResponse).write(chunk);
const end = (response: Response, body: string) => void (response as ServerResponse).end(body);
const drained = (response: Response) =>
  new Promise<void>((resolve) => {
    response.once("drain", resolve);
    response.once("close", resolve);
  });

function values(rawHeaders: string[], name: string): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]!.toLowerCase() === name);
}
