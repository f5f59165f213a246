import { type Runtime, randomInt } from "../runtime.js";
import type { UpstreamHost } from "../upstream/host.js";
import type { HostList } from "../upstream/host-set.js";
import { EdfScheduler } from "./edf.js";
import { hasWeights, weightOf } from "./round-robin.js";
import type { LoadBalancer } from "./types.js";

/** Envoy's default `choice_count`. */
const CHOICES = 2;

/**
 * The less busy of two random hosts; with different weights, all hosts in turn by weight / (active
 * requests + 1) (Envoy: `LeastRequestLoadBalancer`).
 */
export class LeastRequest implements LoadBalancer {
  readonly #schedulers = new WeakMap<HostList, EdfScheduler<UpstreamHost>>();

  constructor(private readonly runtime: Pick<Runtime, "random">) {}

  select(list: HostList): UpstreamHost | undefined {
    if (list.hosts.length === 0) return undefined;
    return hasWeights(list) ? this.#schedulerOf(list).pick(effectiveWeight) : this.#lessBusy(list.hosts);
  }

  #lessBusy(hosts: readonly UpstreamHost[]): UpstreamHost {
    let best = hosts[randomInt(this.runtime, hosts.length)]!;
    for (let choice = 1; choice < CHOICES; choice++) {
      const other = hosts[randomInt(this.runtime, hosts.length)]!;
      if (other.stats.rq_active.value < best.stats.rq_active.value) best = other;
    }
    return best;
  }

  #schedulerOf(list: HostList): EdfScheduler<UpstreamHost> {
    let scheduler = this.#schedulers.get(list);
    if (scheduler === undefined) {
      scheduler = new EdfScheduler();
      for (const host of list.hosts) scheduler.add(host, effectiveWeight(host));
      this.#schedulers.set(list, scheduler);
    }
    return scheduler;
  }
}

function effectiveWeight(host: UpstreamHost): number {
  return weightOf(host) / (host.stats.rq_active.value + 1);
}
