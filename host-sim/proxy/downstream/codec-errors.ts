import type { Duplex } from "node:stream";
import type { Runtime } from "../runtime.js";
import { reasonPhrase } from "./reason-phrases.js";

/** Answers what is no HTTP/1.1 request, past all filters, and closes (Envoy: `sendProtocolError`). */
export function refuseAsCodec(error: NodeJS.ErrnoException, socket: Duplex, runtime: Runtime): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  refuse(socket, error.code === "HPE_HEADER_OVERFLOW" ? 431 : 400, runtime);
}

export function refuse(socket: Duplex, status: number, runtime: Runtime): void {
  const body = reasonPhrase(status);
  const date = new Date(Number(runtime.clock.now() / 1_000_000n)).toUTCString();
  socket.end(
    `HTTP/1.1 ${status} ${body}\r\ncontent-length: ${body.length}\r\ncontent-type: text/plain\r\n` +
      `date: ${date}\r\nserver: envoy\r\nconnection: close\r\n\r\n${body}`,
  );
}
