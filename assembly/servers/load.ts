// How many requests each server has in flight, over all of Envoy's workers: a gauge is one number for
// all of them (Envoy's stats), so the count is exact.
import { gauge, gaugeValue, increment } from "../abi/host";
import { Stream } from "../abi/streams";
import { metricName } from "../remember/outcome";
import { Servers } from "./index";

export class Load {
  private gauges: StaticArray<u32>;
  private total: u32 = 0;
  private totalWeight: f64 = 0;

  /** Counts only if `counting`: a request costs two calls more then. */
  constructor(
    policy: string,
    servers: Servers,
    private counting: bool,
  ) {
    const prefix = `limpet.policy.${metricName(policy)}.`;
    this.gauges = new StaticArray<u32>(counting ? servers.count : 0);
    if (counting) this.total = gauge(`${prefix}in_flight`);
    for (let i = 0; i < this.gauges.length; i++) {
      this.gauges[i] = gauge(`${prefix}server.${metricName(servers.at(i).id.toString())}.in_flight`);
      this.totalWeight += <f64>servers.at(i).weight;
    }
  }

  /** Counts the stream on that server from now on, or on none (-1). */
  move(stream: Stream, server: i32): void {
    const before = stream.counted - 1;
    if (!this.counting || before == server) return;
    if (before >= 0) increment(unchecked(this.gauges[before]), -1);
    if (server >= 0) increment(unchecked(this.gauges[server]), 1);
    if (before < 0) increment(this.total, 1);
    else if (server < 0) increment(this.total, -1);
    stream.counted = server + 1;
  }

  /**
   * True if the server may take one more under the bound: `factor` times its share by weight of all
   * requests in flight, this one included, and always one (Mirrokni, Thorup and Zadimoghaddam 2016:
   * consistent hashing with bounded loads; HAProxy `hash-balance-factor`).
   */
  hasRoom(server: i32, servers: Servers, factor: f64): bool {
    const all = Math.ceil(<f64>(gaugeValue(this.total) + 1) * factor);
    const share = Math.ceil((all * <f64>servers.at(server).weight) / this.totalWeight);
    return <f64>gaugeValue(unchecked(this.gauges[server])) < Math.max(share, 1);
  }
}
