import type { Cluster } from "./cluster.js";
import type { UpstreamHost } from "./host.js";
import { ConnectionPool } from "./pool.js";

/** All clusters by name; discovery adds and removes them. */
export type Clusters = Map<string, Cluster>;

/** One worker's connection pools. */
export class WorkerPools {
  readonly #pools = new Map<UpstreamHost, ConnectionPool>();

  of(cluster: Cluster, host: UpstreamHost): ConnectionPool {
    let pool = this.#pools.get(host);
    if (pool === undefined) {
      pool = new ConnectionPool(cluster, host);
      this.#pools.set(host, pool);
    }
    return pool;
  }

  /** Lets go of a host that has left its cluster. */
  drain(host: UpstreamHost): void {
    this.#pools.get(host)?.drain();
    this.#pools.delete(host);
  }

  /** Closes every connection. */
  close(): void {
    for (const pool of this.#pools.values()) pool.close();
    this.#pools.clear();
  }
}
