// The live sessions of a policy's servers: what tokens and tables tell of them, counted when a token
// or an entry is written, and at no other time.
import { alloc } from "../abi/arena";
import { HttpCalls } from "../abi/http-calls";
import { nowSeconds } from "../abi/host";
import { shareFirst, sharedData } from "../abi/shared-data";
import { Text, lenOf, ptrOf, slice } from "../abi/slice";
import { serverMetric } from "../remember/outcome";
import { Server } from "../servers/server";
import { EVERY_SECOND, Ticker } from "../tickers";
import { Window } from "./ledger";
import { Live } from "./live";
import { isFirstReplacement } from "./replaced";

/** How many configurations of this VM count. */
let users: i32 = 0;

export class SessionCount extends Ticker {
  /** When counting began: a token that is older was never counted. Seconds since the epoch; 0: not yet. */
  private started: u32 = 0;

  constructor(
    private policy: string,
    private window: Window,
  ) {
    super(EVERY_SECOND);
  }

  /** Agrees with the other workers on when counting began. */
  private start(now: u32): void {
    const key = new Text(`limpet.sessions\0${this.policy}`).slice;
    const own = alloc(4);
    store<u32>(own, now);
    shareFirst(key, slice(own, 4));
    const shared = sharedData(key);
    this.started = lenOf(shared) == 4 ? load<u32>(ptrOf(shared)) : now;
  }

  /** The live sessions of the server. */
  of(server: Server, now: u32): Live {
    let live = server.live;
    if (live === null) {
      live = new Live(serverMetric(this.policy, server.id.toString(), "sessions"), this.window, now);
      server.live = live;
    }
    return live;
  }

  /**
   * A token or an entry of `to` was written in place of one of `from` that was last used at `lastUse`
   * (0: not known). Without `from` the session is new, without `to` it has ended. Dates are in seconds
   * since the epoch; `token` tells the replaced token from others, 0 is one that cannot be told.
   */
  changed(from: Server | null, lastUse: u32, to: Server | null, date: u32, token: u64 = 0): void {
    const now = nowSeconds();
    if (this.started == 0) this.start(now);
    let before: Live | null = null;
    if (from !== null && lenOf(from.address.slice) > 0 && lastUse >= this.started && this.window.has(lastUse, now)) {
      before = this.of(from, now);
    }
    if (from !== null && token != 0 && !isFirstReplacement(token)) return;
    if (to === null) {
      if (before !== null) before.remove(lastUse, now);
      return;
    }
    const after = this.of(to, now);
    if (before === after) {
      after.renew(lastUse, date, now);
      return;
    }
    if (before !== null) before.remove(lastUse, now);
    after.add(date, now);
  }

  tick(now: u64, _calls: HttpCalls): void {
    const seconds = <u32>(now / 1000);
    if (this.started == 0) this.start(seconds);
    Live.expire(seconds);
  }

  begin(): void {
    users++;
  }

  end(): void {
    if (--users == 0) Live.close();
  }
}
