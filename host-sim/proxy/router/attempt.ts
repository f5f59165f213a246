import { HeaderMap, lowerCase } from "../../wasm-host/index.js";
import type { Cluster } from "../upstream/cluster.js";
import type { ExchangeHandler, ResetReason, ResponseHead, UpstreamRequest } from "../upstream/connection.js";
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
  onReset(reason: ResetReason, cause?: string): void;
  /** The upstream takes more of the body. */
  onDrain(): void;
}

/** So much is taken while the connection is being made. */
const PENDING_LIMIT = 1024 * 1024;

/** One try of a request at one host (Envoy: `UpstreamRequest`). */
export class Attempt implements ExchangeHandler {
  /** The request's head has been written. */
  sent = false;
  #lease: Lease | undefined;
  /** What has to be written when the connection stands. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #bodyEnded = false;
  #over = false;

  constructor(
    readonly host: UpstreamHost,
    private readonly cluster: Cluster,
    pool: ConnectionPool,
    private readonly request: UpstreamRequest,
    private readonly handler: AttemptHandler,
  ) {
    this.#track(1);
    this.#lease = pool.acquire(this);
  }

  /** Writes of the body. @returns false if the upstream is slower: `onDrain` follows. */
  write(chunk: Buffer, end: boolean): boolean {
    this.#bodyEnded = end;
    if (!this.sent) {
      this.#pending.push(chunk);
      this.#pendingBytes += chunk.length;
      return this.#pendingBytes <= PENDING_LIMIT;
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
    this.cluster.stats.upstream_rq_total.inc();
    this.host.stats.rq_total.inc();
    // Whether idle or new, a connection is ready only after `acquire` has returned.
    const connection = this.#lease!.connection!;
    connection.writeHead(this.request);
    this.handler.onConnected(connection.localAddress);
    const more = this.#pending.map((chunk) => connection.write(chunk)).every(Boolean);
    this.#pending = [];
    if (this.#bodyEnded) connection.end();
    else if (more && this.#pendingBytes > PENDING_LIMIT) this.handler.onDrain();
  }

  onHeaders({ status, fields }: ResponseHead, end: boolean): void {
    const headers = new HeaderMap("response", [[":status", String(status)]]);
    for (const [name, value] of fields) headers.add(lowerCase(name), value);
    if (!this.request.upgrade) headers.remove("keep-alive");
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

  onReset(reason: ResetReason, cause?: string): void {
    if (this.#over) return;
    this.#finish();
    this.handler.onReset(reason, cause);
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
    this.cluster.stats.upstream_rq_active.add(delta);
    this.host.stats.rq_active.add(delta);
  }
}
