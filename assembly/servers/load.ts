// How many requests each server has in flight, over all of Envoy's workers: a gauge is one number for
// all of them (Envoy's stats), so the count is exact.
import { gauge, gaugeValue, increment } from "../abi/host";
import { Stream } from "../abi/streams";
import { policyMetric, serverMetric } from "../remember/outcome";
import { Servers } from "./index";
import { Server } from "./server";

export class Load {
  private total: u32 = 0;
  private totalWeight: f64 = 0;

  /** Counts only if `counting`: a request costs two calls more then. */
  constructor(
    private policy: string,
    private servers: Servers,
    private counting: bool,
  ) {
    if (counting) this.total = gauge(policyMetric(policy, "total.in_flight"));
  }

  /** Called when the servers have changed. */
  prepare(): void {
    const servers = this.servers;
    this.totalWeight = 0;
    for (let i = 0; i < servers.count; i++) {
      if (this.counting) this.gaugeOf(servers.at(i));
      this.totalWeight += <f64>servers.at(i).weight;
    }
  }

  /** Counts the stream on that server from now on, or on none (-1). */
  move(stream: Stream, server: i32): void {
    if (!this.counting) return;
    const before = stream.counted;
    const after = server < 0 ? 0 : this.gaugeOf(this.servers.at(server));
    if (before == after) return;
    if (before != 0) increment(before, -1);
    if (after != 0) increment(after, 1);
    if (before == 0) increment(this.total, 1);
    else if (after == 0) increment(this.total, -1);
    stream.counted = after;
  }

  /**
   * True if the server may take one more under the bound: `factor` times its share by weight of all
   * requests in flight, this one included, and always one (Mirrokni, Thorup and Zadimoghaddam 2016:
   * consistent hashing with bounded loads; HAProxy `hash-balance-factor`).
   */
  hasRoom(server: i32, servers: Servers, factor: f64): bool {
    const all = Math.ceil(<f64>(gaugeValue(this.total) + 1) * factor);
    const share = Math.ceil((all * <f64>servers.at(server).weight) / this.totalWeight);
    return <f64>gaugeValue(this.gaugeOf(servers.at(server))) < Math.max(share, 1);
  }

  private gaugeOf(server: Server): u32 {
    if (server.inFlight == 0) server.inFlight = gauge(serverMetric(this.policy, server.id.toString(), "in_flight"));
    return server.inFlight;
  }
}
