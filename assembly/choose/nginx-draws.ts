// What nginx's `ip_hash` and `hash` share: a sequence of numbers follows from the key, and each draws
// a server by its weight. A server that is down stays among the weights, so that the others keep
// their clients; a draw that hits it, or one that was tried before, is made again.
import { Slice } from "../abi/slice";
import { Servers } from "../servers/index";
import { Algorithm } from "./algorithm";
import { Candidates } from "./candidates";

/** nginx: after more draws than this in vain it goes round robin. */
export const MOST_TRIES = 20;

export abstract class NginxDraws extends Algorithm {
  private totalWeight: u32 = 0;

  prepare(servers: Servers): void {
    this.totalWeight = 0;
    for (let i = 0; i < servers.count; i++) this.totalWeight += servers.at(i).weight;
  }

  rank(key: Slice, servers: Servers, candidates: Candidates): void {
    if (this.totalWeight == 0) return;
    let number = this.first;
    let tries = 0;
    for (let draw = 0; !candidates.full; draw++) {
      number = this.after(number, draw, key);
      const server = this.drawn(number, servers);
      if (servers.at(server).takesNew && !candidates.includes(server)) candidates.add(server);
      else if (++tries > MOST_TRIES) return;
    }
  }

  /** The number before the first draw. */
  protected abstract get first(): u32;

  /** The number of a draw (from 0), from that of the one before it. */
  protected abstract after(number: u32, draw: i32, key: Slice): u32;

  private drawn(number: u32, servers: Servers): i32 {
    let rest = <i32>(number % this.totalWeight);
    let server = 0;
    while (rest >= servers.at(server).weight) rest -= servers.at(server++).weight;
    return server;
  }
}
