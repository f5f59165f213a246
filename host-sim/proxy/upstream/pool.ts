import { setImmediate } from "node:timers";
import type { Cluster } from "./cluster.js";
import { type ExchangeHandler, type ResetReason, UpstreamConnection } from "./connection.js";
import type { UpstreamHost } from "./host.js";

/** A place in a pool, from the request for a connection to the end of its use. */
export interface Lease {
  /** Undefined until `onConnected`. */
  readonly connection: UpstreamConnection | undefined;
  /** Gives the exchange up; the handler hears nothing more. */
  cancel(): void;
}

/** The connections of one worker to one host; the one used last is used first, as in Envoy. */
export class ConnectionPool {
  readonly #idle: UpstreamConnection[] = [];
  readonly #all = new Set<UpstreamConnection>();
  #draining = false;

  constructor(
    private readonly cluster: Cluster,
    private readonly host: UpstreamHost,
  ) {}

  /**
   * A connection for one exchange. An idle one is handed out only after the event loop has polled
   * once more: a close by the server that is already known to the kernel is seen first.
   */
  acquire(handler: ExchangeHandler): Lease {
    const lease = new PoolLease();
    const start = () => {
      if (lease.cancelled) return;
      const idle = this.#idle.pop();
      if (idle === undefined) lease.connection = this.#connect(handler);
      else {
        lease.connection = idle;
        idle.reuse(handler);
      }
    };
    if (this.#idle.length === 0) start();
    else setImmediate(start);
    return lease;
  }

  /** Closes what is idle now, and every other connection once its exchange is over. */
  drain(): void {
    this.#draining = true;
    for (const connection of [...this.#idle]) connection.abort();
  }

  /** Closes everything; exchanges under way are given up without a word. */
  close(): void {
    for (const connection of [...this.#all]) connection.abort();
  }

  #connect(handler: ExchangeHandler): UpstreamConnection {
    const { cluster, host } = this;
    const connection = new UpstreamConnection(
      host,
      cluster.config.connectTimeoutMs,
      handler,
      (idle) => (this.#draining ? idle.abort() : this.#idle.push(idle)),
      (closed, reason) => this.#forget(closed, reason),
    );
    this.#all.add(connection);
    cluster.stats.upstream_cx_total.inc();
    cluster.stats.upstream_cx_active.add(1);
    host.stats.cx_total.inc();
    host.stats.cx_active.add(1);
    return connection;
  }

  #forget(connection: UpstreamConnection, reason: ResetReason): void {
    const { cluster, host } = this;
    this.#all.delete(connection);
    const index = this.#idle.indexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
    cluster.stats.upstream_cx_active.add(-1);
    host.stats.cx_active.add(-1);
    if (!connection.connected && reason !== "local reset") {
      cluster.stats.upstream_cx_connect_fail.inc();
      if (reason === "connection timeout") cluster.stats.upstream_cx_connect_timeout.inc();
      host.stats.cx_connect_fail.inc();
    }
  }
}

class PoolLease implements Lease {
  connection: UpstreamConnection | undefined;
  cancelled = false;

  cancel(): void {
    this.cancelled = true;
    this.connection?.abort();
  }
}
