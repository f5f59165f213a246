import type { Runtime } from "../runtime.js";
import type { UpstreamHost } from "../upstream/host.js";
import type { HostList } from "../upstream/host-set.js";
import { hashOf, xxHash64 } from "./hash.js";
import { weightOf } from "./round-robin.js";
import type { LoadBalancer, LoadBalancerContext } from "./types.js";

const MIN_RING_SIZE = 1024;
const MAX_RING_SIZE = 8 * 1024 * 1024;

interface Point {
  hash: bigint;
  host: UpstreamHost;
}

/** A ring of points `ADDRESS_N` hashed by xxHash64, N growing with the weight (Envoy: `RingHashLoadBalancer`). */
export class RingHash implements LoadBalancer {
  readonly #rings = new WeakMap<HostList, Point[]>();

  constructor(private readonly runtime: Pick<Runtime, "random">) {}

  select(list: HostList, context: LoadBalancerContext, attempt: number): UpstreamHost | undefined {
    let ring = this.#rings.get(list);
    if (ring === undefined) {
      ring = buildRing(list.hosts);
      this.#rings.set(list, ring);
    }
    if (ring.length === 0) return undefined;
    return ring[(firstAtOrAfter(ring, hashOf(context, this.runtime)) + attempt) % ring.length]!.host;
  }
}

function buildRing(hosts: readonly UpstreamHost[]): Point[] {
  const total = hosts.reduce((sum, host) => sum + weightOf(host), 0);
  const smallest = Math.min(...hosts.map(weightOf)) / total;
  const scale = Math.min(Math.ceil(smallest * MIN_RING_SIZE) / smallest, MAX_RING_SIZE);
  const ring: Point[] = [];
  let points = 0;
  let target = 0;
  for (const host of hosts) {
    target += (scale * weightOf(host)) / total;
    for (let n = 0; points < target; n++, points++) ring.push({ hash: xxHash64(`${host.address}_${n}`), host });
  }
  return ring.sort((a, b) => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0));
}

function firstAtOrAfter(ring: readonly Point[], hash: bigint): number {
  let low = 0;
  let high = ring.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ring[middle]!.hash < hash) low = middle + 1;
    else high = middle;
  }
  return low % ring.length;
}
