import { type Runtime, randomInt } from "../runtime.js";
import type { UpstreamHost } from "../upstream/host.js";
import type { HostList } from "../upstream/host-set.js";
import { EdfScheduler } from "./edf.js";
import type { LoadBalancer } from "./types.js";

/** Every host in turn, by weight if weights differ; each worker starts at a place of its own (Envoy: `RoundRobinLoadBalancer`). */
export class RoundRobin implements LoadBalancer {
  readonly #cursors = { healthy: 0, degraded: 0, all: 0 };
  readonly #schedulers = new WeakMap<HostList, EdfScheduler<UpstreamHost>>();
  readonly #seed: number;

  constructor(runtime: Pick<Runtime, "random">) {
    this.#seed = randomInt(runtime, 2 ** 32);
    this.#cursors = { healthy: this.#seed, degraded: this.#seed, all: this.#seed };
  }

  select(list: HostList): UpstreamHost | undefined {
    if (list.hosts.length === 0) return undefined;
    if (!hasWeights(list)) return list.hosts[this.#cursors[list.source]++ % list.hosts.length];
    return this.#schedulerOf(list).pick(weightOf);
  }

  #schedulerOf(list: HostList): EdfScheduler<UpstreamHost> {
    let scheduler = this.#schedulers.get(list);
    if (scheduler === undefined) {
      scheduler = new EdfScheduler();
      for (const host of list.hosts) scheduler.add(host, weightOf(host));
      for (let skip = this.#seed % list.hosts.length; skip > 0; skip--) scheduler.pick(weightOf);
      this.#schedulers.set(list, scheduler);
    }
    return scheduler;
  }
}

/** Whether the hosts' weights differ. */
export function hasWeights({ hosts }: HostList): boolean {
  return hosts.some((host) => weightOf(host) !== weightOf(hosts[0]!));
}

export function weightOf(host: UpstreamHost): number {
  return host.endpoint.weight;
}
