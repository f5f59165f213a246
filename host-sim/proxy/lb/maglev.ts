import type { Runtime } from "../runtime.js";
import type { UpstreamHost } from "../upstream/host.js";
import type { HostList } from "../upstream/host-set.js";
import { hashOf, xxHash64 } from "./hash.js";
import { weightOf } from "./round-robin.js";
import type { LoadBalancer, LoadBalancerContext } from "./types.js";

/** Envoy's default `table_size`. */
const TABLE_SIZE = 65537;

/** Google's Maglev hashing, table rows claimed by weight (Envoy: `MaglevLoadBalancer`). */
export class Maglev implements LoadBalancer {
  readonly #tables = new WeakMap<HostList, UpstreamHost[]>();

  constructor(private readonly runtime: Pick<Runtime, "random">) {}

  select(list: HostList, context: LoadBalancerContext, attempt: number): UpstreamHost | undefined {
    if (list.hosts.length === 0) return undefined;
    let table = this.#tables.get(list);
    if (table === undefined) {
      table = buildTable(list.hosts);
      this.#tables.set(list, table);
    }
    const hash = hashOf(context, this.runtime);
    const mixed = attempt === 0 ? hash : hash ^ BigInt.asUintN(64, -BigInt(attempt));
    return table[Number(mixed % BigInt(TABLE_SIZE))];
  }
}

function buildTable(hosts: readonly UpstreamHost[]): UpstreamHost[] {
  const heaviest = Math.max(...hosts.map(weightOf));
  const rows = [...hosts]
    .sort((a, b) => (a.address < b.address ? -1 : 1))
    .map((host) => ({
      host,
      next: Number(xxHash64(host.address) % BigInt(TABLE_SIZE)),
      skip: Number(xxHash64(host.address, 1n) % BigInt(TABLE_SIZE - 1)) + 1,
      target: 0,
    }));
  const table = new Array<UpstreamHost>(TABLE_SIZE);
  let filled = 0;
  for (let round = 1; filled < TABLE_SIZE; round++) {
    for (const row of rows) {
      if (filled === TABLE_SIZE) break;
      if (round * weightOf(row.host) < row.target) continue;
      row.target += heaviest;
      while (table[row.next] !== undefined) row.next = (row.next + row.skip) % TABLE_SIZE;
      table[row.next] = row.host;
      filled++;
    }
  }
  return table;
}
