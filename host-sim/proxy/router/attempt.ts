import { type HeaderField, HeaderMap, lowerCase } from "../../wasm-host/index.js";
import type { Cluster } from "../upstream/cluster.js";
import type { ExchangeHandler, ResetReason, ResponseHead } from "../upstream/connection.js";
import type { UpstreamHost } from "../upstream/host.js";
import type { ConnectionPool, Lease } from "../upstream/pool.js";

/** What an attempt tells the router; `onReset` or the end of the response comes last. */
export interface AttemptHandler {
  /** Connected; the request's head has been written. */
  onConnected(localAddress: string): void;
  /** `end`: there is no body, and the attempt is over. */
  onHeaders(headers: HeaderMap, end: boolean): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  onReset(reason: ResetReason): void;
  /** The upstream takes more of the body. */
  onDrain(): void;
}

/** What is sent: the head now, the body as it comes. */
export interface UpstreamRequest {
  readonly method: string;
  readonly path: string;
  readonly fields: readonly HeaderField[];
  readonly upgrade: boolean;
}

/** One try of a request at one host (Envoy: `UpstreamRequest`). */
export class Attempt implements ExchangeHandler {
  /** The request's head has been written. */
  sent = false;
  #lease: Lease | undefined;
  /** What has to be written when the connection stands. */
  #pending: Buffer[] = [];
  #requestEnded: boolean;
  #over = false;

  constructor(
    readonly host: UpstreamHost,
    private readonly cluster: Cluster,
    pool: ConnectionPool,
    private readonly request: UpstreamRequest,
    end: boolean,
    private readonly handler: AttemptHandler,
  ) {
    this.#requestEnded = end;
    this.#track(1);
    this.#lease = pool.acquire(this);
  }

  /** @returns false if the upstream is slower: `onDrain` follows. */
  write(chunk: Buffer, end: boolean): boolean {
    this.#requestEnded = end;
    if (!this.sent) {
      this.#pending.push(chunk);
      return true;
    }
    const connection = this.#lease?.connection;
    const more = connection?.write(chunk) ?? true;
    if (end) connection?.end();
    return more;
  }

  pause(): void {
    this.#lease?.connection?.pause();
  }

  resume(): void {
    this.#lease?.connection?.resume();
  }

  /** Gives up; the handler hears nothing more. */
  cancel(): void {
    if (this.#over) return;
    const lease = this.#lease;
    this.#finish();
    lease?.cancel();
  }

  onConnected(): void {
    this.sent = true;
    this.cluster.count("upstream_rq_total");
    this.host.stats.rq_total.inc();
    // An idle connection is handed out after `acquire` has returned, a new one is ready later still.
    const connection = this.#lease!.connection!;
    const { method, path, fields, upgrade } = this.request;
    const headOnly = this.#requestEnded && this.#pending.every((chunk) => chunk.length === 0);
    connection.writeHead(method, path, fields, headOnly, upgrade);
    this.handler.onConnected(connection.localAddress);
    for (const chunk of this.#pending) connection.write(chunk);
    this.#pending = [];
    if (this.#requestEnded && !headOnly) connection.end();
  }

  onHeaders({ status, fields }: ResponseHead, end: boolean): void {
    const headers = new HeaderMap("response", [[":status", String(status)]]);
    for (const [name, value] of fields) headers.add(lowerCase(name), value);
    if (end) this.#finish();
    this.handler.onHeaders(headers, end);
  }

  onData(chunk: Buffer): void {
    this.handler.onData(chunk);
  }

  onEnd(): void {
    this.#finish();
    this.handler.onEnd();
  }

  onReset(reason: ResetReason): void {
    if (this.#over) return;
    this.#finish();
    this.handler.onReset(reason);
  }

  onDrain(): void {
    this.handler.onDrain();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#lease = undefined;
    this.#track(-1);
  }

  #track(delta: number): void {
    this.cluster.gauge("upstream_rq_active", delta);
    this.host.stats.rq_active.add(delta);
  }
}
