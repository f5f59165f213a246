import { connect, type Socket } from "node:net";
import { HTTPParser } from "http-parser-js";
import type { HeaderField } from "../../wasm-host/index.js";
import type { UpstreamHost } from "./host.js";

HTTPParser.encoding = "latin1";

/** The head of a request. */
export interface UpstreamRequest {
  readonly method: string;
  readonly path: string;
  readonly fields: readonly HeaderField[];
  /** False: the request ends with its head. */
  readonly hasBody: boolean;
  readonly upgrade: boolean;
}

/** Why an exchange ended before its response did, in Envoy's words. */
export type ResetReason =
  | "remote connection failure"
  | "local connection failure"
  | "connection timeout"
  | "connection termination"
  | "protocol error"
  | "local reset";

/** The head of a response, as it came. */
export interface ResponseHead {
  status: number;
  fields: HeaderField[];
}

/**
 * The user of a connection for one request and its response. The last call is one of `onHeaders` with
 * `end`, `onEnd` and `onReset`; in the first two the connection is free or closed already.
 */
export interface ExchangeHandler {
  /** The connection stands: the request may be written. */
  onConnected(): void;
  /** `end`: there is no body. */
  onHeaders(head: ResponseHead, end: boolean): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  /** `cause`: the system's words for it, where it gave any. */
  onReset(reason: ResetReason, cause?: string): void;
  /** The socket takes more after `write` has returned false. */
  onDrain(): void;
}

/** Methods whose request has no body unless it says so: no `content-length: 0` for them. */
const BODILESS = new Set(["GET", "HEAD", "DELETE", "TRACE", "CONNECT"]);

/** One HTTP/1.1 connection to a host; carries one exchange at a time. */
export class UpstreamConnection {
  readonly #socket: Socket;
  readonly #parser = new HTTPParser("RESPONSE");
  readonly #connectTimer: NodeJS.Timeout;
  #handler: ExchangeHandler | undefined;
  #connected = false;
  #chunked = false;
  #upgraded = false;
  #wantsUpgrade = false;
  #isHead = false;
  #requestDone = false;
  #responseDone = false;
  #keepAlive = true;
  #interim = false;
  #headPassed = false;
  #bodiless: ResponseHead | undefined;
  #closed = false;

  /**
   * Connects for the handler's exchange. `onIdle`: the exchange is over and the connection can carry
   * another; `onClosed`: it can carry none any more.
   */
  constructor(
    host: UpstreamHost,
    connectTimeoutMs: number,
    handler: ExchangeHandler,
    private readonly onIdle: (connection: UpstreamConnection) => void,
    private readonly onClosed: (connection: UpstreamConnection, reason: ResetReason) => void,
  ) {
    this.#handler = handler;
    this.#prepareParser();
    this.#socket = connect({ host: host.endpoint.address.host, port: host.endpoint.address.port, noDelay: true });
    this.#connectTimer = setTimeout(() => this.#close("connection timeout"), connectTimeoutMs);
    this.#socket
      .on("connect", () => {
        clearTimeout(this.#connectTimer);
        this.#connected = true;
        this.#handler?.onConnected();
      })
      .on("data", (chunk) => this.#read(chunk))
      .on("end", () => this.#readEnd())
      .on("drain", () => this.#handler?.onDrain())
      .on("error", (error) => {
        if (this.#connected) this.#close("connection termination");
        else this.#close("remote connection failure", `delayed connect error: ${systemMessage(error)}`);
      })
      .on("close", () => this.#close("connection termination"));
  }

  get connected(): boolean {
    return this.#connected;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** `ip:port` of this end. */
  get localAddress(): string {
    return `${this.#socket.localAddress}:${this.#socket.localPort}`;
  }

  /** Gives an idle connection to another exchange; `onConnected` follows at once. */
  reuse(handler: ExchangeHandler): void {
    this.#handler = handler;
    this.#requestDone = this.#responseDone = this.#isHead = this.#chunked = false;
    this.#wantsUpgrade = this.#headPassed = false;
    this.#socket.resume();
    handler.onConnected();
  }

  /**
   * Writes the request's head. Envoy: `RequestEncoderImpl::encodeHeaders`: the length or chunked
   * framing is the codec's, the rest as the fields are.
   */
  writeHead({ method, path, fields, hasBody, upgrade }: UpstreamRequest): void {
    this.#isHead = method === "HEAD";
    this.#wantsUpgrade = upgrade;
    let head = `${method} ${path} HTTP/1.1\r\n`;
    let hasLength = false;
    for (const [name, value] of fields) {
      head += `${name}: ${value}\r\n`;
      if (name === "content-length") hasLength = true;
    }
    if (!hasLength && !upgrade) {
      if (hasBody) {
        head += "transfer-encoding: chunked\r\n";
        this.#chunked = true;
      } else if (!BODILESS.has(method)) head += "content-length: 0\r\n";
    }
    this.#socket.write(`${head}\r\n`, "latin1");
    if (!hasBody) this.#requestDone = true;
  }

  /** @returns false if the socket's buffer is full: `onDrain` follows. */
  write(chunk: Buffer): boolean {
    if (chunk.length === 0) return true;
    if (!this.#chunked) return this.#socket.write(chunk);
    this.#socket.write(`${chunk.length.toString(16)}\r\n`, "latin1");
    this.#socket.write(chunk);
    return this.#socket.write("\r\n", "latin1");
  }

  /** The request is complete; of an upgraded connection: no more bytes will come. */
  end(): void {
    if (this.#upgraded) {
      this.#socket.end();
      return;
    }
    if (this.#chunked) this.#socket.write("0\r\n\r\n", "latin1");
    this.#requestDone = true;
    this.#finishExchange();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Ends the exchange, and the connection with it, without a word to the handler. */
  abort(): void {
    this.#handler = undefined;
    this.#close("local reset");
  }

  #prepareParser(): void {
    const parser = this.#parser;
    parser[HTTPParser.kOnHeadersComplete] = (info) => {
      const status = info.statusCode;
      this.#interim = status < 200 && !(status === 101 && this.#wantsUpgrade);
      if (this.#interim) {
        // An upgrade that was not asked for; or a body, which an interim answer does not have (RFC 9110, section 15.2).
        if (status === 101 || pairs(info.headers).some(announcesBody)) this.#close("protocol error");
        return;
      }
      // The parser takes a HEAD's answer without a length for one that lasts until the close.
      this.#keepAlive = info.shouldKeepAlive || this.#isHead;
      if (status === 101) this.#upgraded = true;
      const head = { status, fields: pairs(info.headers) };
      // As in Envoy, a head without a body is passed on when the message is complete.
      const isBodiless = this.#isHead || status === 204 || status === 304;
      if (isBodiless || hasEmptyBody(head)) this.#bodiless = head;
      else {
        this.#headPassed = true;
        this.#handler?.onHeaders(head, false);
      }
      return isBodiless ? 1 : 0;
    };
    parser[HTTPParser.kOnBody] = (chunk, offset, length) =>
      this.#handler?.onData(chunk.subarray(offset, offset + length));
    parser[HTTPParser.kOnMessageComplete] = () => {
      if (this.#interim || this.#upgraded) return;
      const [handler, head] = [this.#handler, this.#bodiless];
      this.#bodiless = undefined;
      this.#responseDone = true;
      this.#finishExchange();
      if (head === undefined) handler?.onEnd();
      else handler?.onHeaders(head, true);
    };
  }

  #read(chunk: Buffer): void {
    if (this.#upgraded) {
      this.#handler?.onData(chunk);
      return;
    }
    if (this.#handler === undefined || this.#responseDone) {
      this.#close("protocol error");
      return;
    }
    const used = this.#parser.execute(chunk);
    if (used instanceof Error) this.#close("protocol error");
    else if (used < chunk.length) this.#read(chunk.subarray(used));
  }

  #readEnd(): void {
    if (this.#upgraded && this.#handler !== undefined) {
      const handler = this.#handler;
      this.#handler = undefined;
      handler.onEnd();
    }
    const isCut = this.#handler !== undefined && this.#parser.finish() instanceof Error && this.#headPassed;
    this.#close(isCut ? "protocol error" : "connection termination");
  }

  #finishExchange(): void {
    if (!this.#responseDone || this.#closed) return;
    this.#handler = undefined;
    if (this.#requestDone && this.#keepAlive) this.onIdle(this);
    else this.#close("local reset");
  }

  #close(reason: ResetReason, cause?: string): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#connectTimer);
    this.#socket.destroy();
    this.onClosed(this, reason);
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.onReset(reason, cause);
  }
}

/** The C library's message for a failed connect. */
function systemMessage({ code = "", message }: NodeJS.ErrnoException): string {
  return Object.hasOwn(MESSAGES, code) ? MESSAGES[code]! : message;
}

const MESSAGES: Record<string, string> = {
  ECONNREFUSED: "Connection refused",
  ECONNRESET: "Connection reset by peer",
  EHOSTUNREACH: "No route to host",
  ENETUNREACH: "Network is unreachable",
  EADDRNOTAVAIL: "Cannot assign requested address",
};

function announcesBody([name, value]: HeaderField): boolean {
  return /^transfer-encoding$/i.test(name) || (/^content-length$/i.test(name) && value !== "0");
}

function hasEmptyBody({ fields }: ResponseHead): boolean {
  return fields.some(([name, value]) => value === "0" && name.toLowerCase() === "content-length");
}

function pairs(raw: readonly string[]): HeaderField[] {
  const fields: HeaderField[] = [];
  for (let index = 0; index < raw.length; index += 2) fields.push([raw[index]!, raw[index + 1]!]);
  return fields;
}
