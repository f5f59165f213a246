import type { Cluster as ClusterConfig } from "../../envoy-config/index.js";
import type { Runtime } from "../runtime.js";
import type { Worker } from "../worker.js";
import { Cluster } from "./cluster.js";
import type { Clusters } from "./clusters.js";
import type { UpstreamHost } from "./host.js";
import { resolveEndpoints } from "./resolve.js";

/** Makes, changes and removes the clusters of the process. */
export class ClusterManager {
  readonly clusters: Clusters = new Map();
  /** The workers whose connections to a host are closed when it goes; set by whoever makes them. */
  workers: readonly Worker[] = [];

  constructor(private readonly runtime: Runtime) {}

  /** Adds a cluster, or replaces the one of that name, with its endpoints resolved. */
  async set(config: ClusterConfig, addedViaApi: boolean): Promise<void> {
    const cluster = new Cluster(config, this.runtime, addedViaApi);
    let known: readonly UpstreamHost[] = [];
    cluster.onMembershipChange(() => {
      for (const host of known) if (!cluster.hosts.includes(host)) this.#drain(host);
      known = cluster.hosts;
    });
    const endpoints = await resolveEndpoints(config.endpoints, (name, error) =>
      this.runtime.log("warn", "upstream", `cluster ${config.name}: cannot resolve ${name}: ${error.message}`),
    );
    cluster.setEndpoints(endpoints);
    this.remove(config.name);
    this.clusters.set(config.name, cluster);
  }

  remove(name: string): void {
    const cluster = this.clusters.get(name);
    if (cluster === undefined) return;
    this.clusters.delete(name);
    for (const host of cluster.hosts) this.#drain(host);
  }

  #drain(host: UpstreamHost): void {
    for (const worker of this.workers) worker.pools.drain(host);
  }
}
