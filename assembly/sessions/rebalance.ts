// Moves sessions that have been idle from servers that have too many towards those that have too few,
// a few a minute, until every server has about its share: what a new server needs, and no more.
import { alloc } from "../abi/arena";
import { nowMilliseconds } from "../abi/host";
import { HttpCalls } from "../abi/http-calls";
import { shareNext, sharedData } from "../abi/shared-data";
import { Text, lenOf, ptrOf, slice } from "../abi/slice";
import { Servers } from "../servers/index";
import { Server } from "../servers/server";
import { EVERY_SECOND, Ticker } from "../tickers";
import { SessionCount } from "./count";

export class Rebalance extends Ticker {
  /** Live sessions per unit of weight, on the servers that take new ones. */
  private share: f64 = 0;
  /** When the next session may move, as far as this worker knows: milliseconds since the epoch. */
  private next: u64 = 0;
  private turns: Text;

  constructor(
    policy: string,
    private servers: Servers,
    private sessions: SessionCount,
    /** Milliseconds between two sessions that move. */
    private interval: u64,
    /** Seconds: a session that has not been idle for longer stays. */
    readonly idle: u32,
    /** So many times its share a server may have. */
    private bound: f64,
  ) {
    super(EVERY_SECOND);
    this.turns = new Text(`limpet.rebalance\0${policy}`);
  }

  tick(now: u64, _calls: HttpCalls): void {
    let weight = 0;
    let all: i64 = 0;
    for (let i = 0; i < this.servers.count; i++) {
      const server = this.servers.at(i);
      if (!server.takesNew) continue;
      weight += server.weight;
      all += this.sessions.of(server, <u32>(now / 1000)).value;
    }
    this.share = weight > 0 ? <f64>all / <f64>weight : 0;
  }

  /** The server that an idle session of this one shall move to, whose turn it is then; else -1. */
  target(from: Server): i32 {
    const now = nowMilliseconds();
    if (!from.takesNew || now < this.next) return -1;
    const most = Math.ceil(this.share * <f64>from.weight * this.bound);
    if (<f64>this.sessions.of(from, <u32>(now / 1000)).value <= most) return -1;
    let best = -1;
    let least = this.share;
    for (let i = 0; i < this.servers.count; i++) {
      const server = this.servers.at(i);
      if (!server.takesNew) continue;
      const load = <f64>(this.sessions.of(server, <u32>(now / 1000)).value + 1) / <f64>server.weight;
      if (load > least) continue;
      best = i;
      least = load;
    }
    return best >= 0 && this.takeTurn(now) ? best : -1;
  }

  /** True if no other worker was first. */
  private takeTurn(now: u64): bool {
    const key = this.turns.slice;
    const known = sharedData(key);
    this.next = lenOf(known) == 8 ? load<u64>(ptrOf(known)) : 0;
    if (now < this.next) return false;
    const own = alloc(8);
    store<u64>(own, now + this.interval);
    return shareNext(key, slice(own, 8));
  }
}
