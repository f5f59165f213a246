// A draining server's sessions stay, until a deadline: then they leave it, spread over a while rather
// than all at once. When the drain began is shared by all workers, and outlives configurations.
import { alloc } from "../abi/arena";
import { HttpCalls } from "../abi/http-calls";
import { shareNext, sharedData } from "../abi/shared-data";
import { Slice, Text, lenOf, ptrOf, slice } from "../abi/slice";
import { avalanche } from "../choose/xxh64";
import { Servers } from "../servers/index";
import { Server, State } from "../servers/server";
import { EVERY_SECOND, Ticker } from "../tickers";

export class Drain extends Ticker {
  /** False while all servers drain: there is nowhere to go. */
  private hasOthers: bool = false;

  constructor(
    private policy: string,
    private servers: Servers,
    /** Seconds that sessions stay. */
    private deadline: u32,
    /** Seconds over which they leave then. */
    private spread: u32,
  ) {
    super(EVERY_SECOND);
  }

  /** True if the session shall leave its server now; `session` tells it from others, and does not change. */
  isOver(server: Server, session: u64, now: u32): bool {
    const since = server.drainSince;
    if (since <= 0 || !this.hasOthers) return false;
    const delay = <u32>(avalanche(session) % (<u64>this.spread + 1));
    return <i64>now >= since + <i64>this.deadline + <i64>delay;
  }

  tick(now: u64, _calls: HttpCalls): void {
    const servers = this.servers;
    this.hasOthers = false;
    for (let i = 0; i < servers.count; i++) {
      const server = servers.at(i);
      if (server.takesNew) this.hasOthers = true;
      const drains = server.state == State.Drain;
      if (server.drainSince >= 0 && server.drainSince > 0 == drains) continue;
      server.drainSince = this.agree(server, drains ? <u32>(now / 1000) : 0);
    }
  }

  /** When the server's drain began, for all workers; `since` if nobody has said yet, 0 while it does not drain. */
  private agree(server: Server, since: u32): i64 {
    const key = new Text(`limpet.drain\0${this.policy}\0${server.id.toString()}`).slice;
    const own = alloc(4);
    store<u32>(own, since);
    do {
      const known: Slice = sharedData(key);
      const began = lenOf(known) == 4 ? load<u32>(ptrOf(known)) : 0;
      if (began > 0 == since > 0) return began;
    } while (!shareNext(key, slice(own, 4)));
    return since;
  }
}
