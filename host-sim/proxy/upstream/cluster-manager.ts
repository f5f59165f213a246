import { isDeepStrictEqual } from "node:util";
import {
  type Cluster as ClusterConfig,
  type Endpoint,
  parseClusters,
  parseEndpoints,
} from "../../envoy-config/index.js";
import { Subscription } from "../discovery/subscription.js";
import type { Runtime } from "../runtime.js";
import type { Worker } from "../worker.js";
import { Cluster } from "./cluster.js";
import type { Clusters } from "./clusters.js";
import { startHealthChecks } from "./health-check.js";
import type { UpstreamHost } from "./host.js";
import { resolveEndpoints } from "./resolve.js";

/** What runs for a cluster. */
interface Running {
  endpoints: Subscription | undefined;
  stopHealthChecks(): void;
}

/** Makes, changes and removes the clusters of the process. */
export class ClusterManager {
  readonly clusters: Clusters = new Map();
  /** The workers whose connections to a host are closed when it goes; set by whoever makes them. */
  workers: readonly Worker[] = [];
  readonly #running = new Map<Cluster, Running>();

  constructor(
    private readonly runtime: Runtime,
    private readonly lenient: boolean,
  ) {}

  /**
   * Adds a cluster, or replaces the one of that name: once its names are resolved, its endpoints are
   * read and its hosts have been checked for the first time.
   */
  async set(config: ClusterConfig, addedViaApi: boolean): Promise<void> {
    const cluster = new Cluster(config, this.runtime, addedViaApi);
    this.#followMembership(cluster);
    const endpoints = await this.#startEndpoints(cluster);
    const stopHealthChecks = await startHealthChecks(cluster);
    await this.remove(config.name);
    this.#running.set(cluster, { endpoints, stopHealthChecks });
    this.clusters.set(config.name, cluster);
  }

  /** Takes the clusters of a CDS file in place of those that came from it before. */
  async update(text: string, path: string): Promise<void> {
    const { resources, ignored } = parseClusters(text, path, { lenient: this.lenient });
    for (const field of ignored) this.runtime.log("warn", "config", `not understood, ignored: ${field}`);
    const names = new Set(resources.map(({ name }) => name));
    for (const { name, addedViaApi } of this.clusters.values()) {
      if (addedViaApi && !names.has(name)) await this.remove(name);
    }
    for (const config of resources) {
      const known = this.clusters.get(config.name);
      // A static cluster cannot be replaced, as in Envoy.
      if (known?.addedViaApi === false || isDeepStrictEqual(known?.config, config)) continue;
      await this.set(config, true);
    }
  }

  async remove(name: string): Promise<void> {
    const cluster = this.clusters.get(name);
    if (cluster === undefined) return;
    this.clusters.delete(name);
    await this.#stopCluster(cluster);
    for (const host of cluster.hosts) this.#drain(host);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((cluster) => this.#stopCluster(cluster)));
  }

  async #stopCluster(cluster: Cluster): Promise<void> {
    const running = this.#running.get(cluster);
    this.#running.delete(cluster);
    running?.stopHealthChecks();
    await running?.endpoints?.stop();
  }

  async #startEndpoints(cluster: Cluster): Promise<Subscription | undefined> {
    const { config } = cluster;
    if (config.edsPath === undefined) {
      cluster.setEndpoints(await this.#resolve(config.name, config.endpoints));
      return undefined;
    }
    const path = config.edsPath;
    const wanted = config.edsServiceName ?? config.name;
    const apply = async (text: string): Promise<void> => {
      const { resources, ignored } = parseEndpoints(text, path, { lenient: this.lenient });
      for (const field of ignored) this.runtime.log("warn", "config", `not understood, ignored: ${field}`);
      const assignment = resources.find(({ clusterName }) => clusterName === wanted);
      if (assignment !== undefined) cluster.setEndpoints(await this.#resolve(config.name, assignment.endpoints));
    };
    return Subscription.start(path, config.edsWatchedDirectory, apply, this.runtime);
  }

  #resolve(cluster: string, endpoints: readonly Endpoint[]): Promise<Endpoint[]> {
    return resolveEndpoints(endpoints, (name, error) =>
      this.runtime.log("warn", "upstream", `cluster ${cluster}: cannot resolve ${name}: ${error.message}`),
    );
  }

  #followMembership(cluster: Cluster): void {
    let known: readonly UpstreamHost[] = [];
    cluster.onMembershipChange(() => {
      for (const host of known) if (!cluster.hosts.includes(host)) this.#drain(host);
      known = cluster.hosts;
    });
  }

  #drain(host: UpstreamHost): void {
    for (const worker of this.workers) worker.pools.drain(host);
  }
}
