import type { UpstreamHost } from "./host.js";

/** Hosts that a load balancer picks from; a new object after every change of membership, weight or health. */
export interface HostList {
  readonly source: "healthy" | "degraded" | "all";
  readonly hosts: readonly UpstreamHost[];
}

/** Envoy's `overprovisioning_factor`: that much more load than its share a host is believed to carry. */
const OVERPROVISIONING_PERCENT = 140;

/** A cluster's hosts at one moment, with the lists by health and the decision whether health is ignored. */
export class HostSet {
  readonly byAddress: ReadonlyMap<string, UpstreamHost>;
  readonly healthy: HostList;
  readonly degraded: HostList;
  readonly #all: HostList;
  /** How many there are for the panic threshold: a draining host is not missed (Envoy: `excludedHosts`). */
  readonly #counted: number;
  readonly #healthyPercent: number;
  readonly #panic: boolean;

  /** `panicThreshold`: percent of available hosts below which health is ignored; 0 never ignores it. */
  constructor(
    readonly hosts: readonly UpstreamHost[],
    panicThreshold: number,
  ) {
    this.byAddress = new Map(hosts.map((host) => [host.address, host]));
    const ofHealth = (health: "healthy" | "degraded"): HostList => ({
      source: health,
      hosts: hosts.filter((host) => host.health === health),
    });
    this.#all = { source: "all", hosts };
    this.healthy = ofHealth("healthy");
    this.degraded = ofHealth("degraded");

    this.#counted = hosts.filter((host) => host.endpoint.healthStatus !== "DRAINING").length;
    const share = (list: HostList) =>
      this.#counted === 0
        ? 0
        : Math.min(100, Math.floor((OVERPROVISIONING_PERCENT * list.hosts.length) / this.#counted));
    const healthy = share(this.healthy);
    const total = Math.min(100, healthy + share(this.degraded));
    this.#healthyPercent = total === 0 ? 0 : (healthy * 100) / total;
    this.#panic = panicThreshold > 0 && total < 100 && this.#availablePercent() < panicThreshold;
  }

  get isPanic(): boolean {
    return this.#panic;
  }

  /**
   * The list for one pick (Envoy: `LoadBalancerBase::chooseHostSet`, one priority).
   * @param random a number in [0, 1): what lies beyond the healthy hosts' capacity goes to degraded ones.
   */
  list(random: number): HostList {
    if (this.#panic) return this.#all;
    return random * 100 < this.#healthyPercent ? this.healthy : this.degraded;
  }

  #availablePercent(): number {
    const available = this.healthy.hosts.length + this.degraded.hosts.length;
    return this.#counted === 0 ? 0 : (100 * available) / this.#counted;
  }
}
