import type { Duplex } from "node:stream";
import type { Runtime } from "../runtime.js";
import { reasonPhrase } from "./reason-phrases.js";

/** Whether an error of Node's server says that the client has gone, and not that it has sent what is no HTTP. */
export function isGone({ code }: NodeJS.ErrnoException, socket: Duplex): boolean {
  return code === "ECONNRESET" || code === "HPE_INVALID_EOF_STATE" || !socket.writable;
}

/** The status for what is no HTTP/1.1 request. */
export function codecStatus({ code }: NodeJS.ErrnoException): number {
  return code === "HPE_HEADER_OVERFLOW" ? 431 : 400;
}

/** Answers past all filters, and closes (Envoy: `sendProtocolError`). */
export function refuse(socket: Duplex, status: number, runtime: Runtime): void {
  const body = reasonPhrase(status);
  const date = new Date(Number(runtime.clock.now() / 1_000_000n)).toUTCString();
  socket.end(
    `HTTP/1.1 ${status} ${body}\r\ncontent-length: ${body.length}\r\ncontent-type: text/plain\r\n` +
      `date: ${date}\r\nserver: envoy\r\nconnection: close\r\n\r\n${body}`,
  );
}
