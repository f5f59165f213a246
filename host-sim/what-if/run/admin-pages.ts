import { clusterShown, endpointPage } from "../../proxy/admin/endpoint-pages.js";
import type { Page } from "../../proxy/admin/page.js";
import type { Cluster as UpstreamCluster } from "../../proxy/upstream/cluster.js";
import { UpstreamHost } from "../../proxy/upstream/host.js";
import type { PlannedServer, Policy, ServerState } from "../plan/model.js";

/**
 * What Envoy's admin interface tells of the plan's servers, by the simulator's own pages: a dead server
 * fails its active health check, a draining one is DRAINING, one that is absent is no endpoint.
 */
export class AdminPages {
  readonly #hosts: UpstreamHost[];
  #cluster: UpstreamCluster;
  /** The pages as they are until the servers change. */
  readonly #pages = new Map<string, Page>();

  constructor(servers: readonly PlannedServer[], { cluster, metadata }: NonNullable<Policy["discovers"]>) {
    this.#hosts = servers.map(({ id, address, weight }) => {
      const [host, port] = address.split(":") as [string, string];
      return new UpstreamHost({
        address: { host, port: Number(port) },
        hostname: id,
        weight,
        healthStatus: "HEALTHY",
        metadata: metadata === undefined ? {} : { [metadata.namespace]: { [metadata.key]: id } },
      });
    });
    this.#cluster = clusterShown({ name: cluster }, []);
  }

  /** The servers have changed. */
  update(states: readonly ServerState[], weights: Uint32Array): void {
    this.#pages.clear();
    for (const [index, host] of this.#hosts.entries()) {
      host.failedActiveHealthCheck = states[index] === "dead";
      host.endpoint.healthStatus = states[index] === "draining" ? "DRAINING" : "HEALTHY";
      host.endpoint.weight = weights[index]!;
    }
    const there = this.#hosts.filter((_, index) => states[index] !== "absent");
    this.#cluster = clusterShown({ name: this.#cluster.name }, there);
  }

  page(path: string): Page {
    const known = this.#pages.get(path);
    if (known !== undefined) return known;
    const page = endpointPage(path, [this.#cluster]);
    this.#pages.set(path, page);
    return page;
  }
}
