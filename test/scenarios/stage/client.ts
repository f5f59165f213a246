import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { ByteStream } from "./byte-stream.js";
import type { Kind, Message } from "./message.js";

const PATIENCE_MS = 20_000;

/** A client's connection: raw bytes out, whole responses in. */
export class Connection {
  readonly stream: ByteStream;

  private constructor(stream: ByteStream) {
    this.stream = stream;
  }

  /** @param from the client's own address (127.0.0.2, say) */
  static async open(port: number, from = "127.0.0.1"): Promise<Connection> {
    const socket = connectSocket({ host: "127.0.0.1", port, localAddress: from, noDelay: true });
    const stream = new ByteStream(socket, PATIENCE_MS);
    await once(socket, "connect");
    return new Connection(stream);
  }

  /** Sends raw bytes (a latin1 string), returns the next response. @throws if there is none */
  async exchange(raw: string, kind: Kind = "response"): Promise<Message> {
    this.stream.socket.write(raw, "latin1");
    const answer = await this.stream.message(kind);
    if (!answer) throw new Error(`the connection was closed without an answer to ${JSON.stringify(raw.slice(0, 300))}`);
    return answer;
  }

  close(): void {
    this.stream.socket.destroy();
  }
}

/** Sends raw bytes on a connection of their own, returns the response. */
export async function exchange(port: number, raw: string, from?: string, kind?: Kind): Promise<Message> {
  const connection = await Connection.open(port, from);
  try {
    return await connection.exchange(raw, kind);
  } finally {
    connection.close();
  }
}

/** Raw bytes of a GET with these header lines. */
export function get(path: string, ...lines: string[]): string {
  return `${[`GET ${path} HTTP/1.1`, "Host: app.test", ...lines].join("\r\n")}\r\n\r\n`;
}
