import type { IncomingMessage, ServerResponse } from "node:http";
import type { HeaderField } from "../../wasm-host/index.js";
import type { Downstream, Stream } from "../stream/stream.js";
import { reasonPhrase } from "./reason-phrases.js";

/** The client's side of an HTTP/1.1 exchange, on Node's server. */
export class HttpDownstream implements Downstream {
  stream!: Stream;
  /** A 101 has been written: bytes go to the socket as they are. */
  #upgraded = false;

  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly isUpgrade: boolean,
  ) {}

  writeHead(status: number, fields: readonly HeaderField[], end: boolean): boolean {
    const { request, response } = this;
    if (this.isUpgrade && status === 101) {
      this.#upgraded = true;
      response.detachSocket(request.socket);
      const head = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
      request.socket.write(`HTTP/1.1 101 Switching Protocols\r\n${head}\r\n`, "latin1");
      return true;
    }
    const raw = fields.flat();
    if (!fields.some(([name]) => name === "content-length")) raw.push(...this.#framing(status, end));
    response.sendDate = false;
    // Node then leaves `connection` to the fields.
    response.removeHeader("connection");
    try {
      response.writeHead(status, reasonPhrase(status), raw);
    } catch {
      return false;
    }
    if (end) this.#end();
    // Not flushHeaders: it would write the bytes above 0x7f as UTF-8.
    else response.write(Buffer.alloc(0));
    return true;
  }

  writeData(chunk: Buffer, end: boolean): boolean {
    const sink = this.#upgraded ? this.request.socket : this.response;
    const more = chunk.length === 0 || sink.write(chunk);
    if (end) this.#end();
    else if (!more) sink.once("drain", () => this.stream.responseFlow.release());
    return more || end;
  }

  reset(): void {
    this.request.socket.destroy();
  }

  pauseRequest(): void {
    this.#source.pause();
  }

  resumeRequest(): void {
    this.#source.resume();
  }

  get #source(): { pause(): void; resume(): void } {
    return this.isUpgrade ? this.request.socket : this.request;
  }

  /** Envoy: `ResponseEncoderImpl::encodeHeaders`. */
  #framing(status: number, end: boolean): string[] {
    if (!end || this.request.method === "HEAD") return ["transfer-encoding", "chunked"];
    return status < 200 || status === 204 ? [] : ["content-length", "0"];
  }

  /** An answer that comes before the end of its request ends the connection, as in Envoy. */
  #end(): void {
    const { request, response } = this;
    if (this.#upgraded) request.socket.end();
    else {
      if (this.stream.info.requestEnd === undefined) response.once("finish", () => request.socket.destroySoon());
      response.end();
    }
  }
}
