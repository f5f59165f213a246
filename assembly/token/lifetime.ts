// How long a session may be idle, and live: enforced here, whatever the client does with its cookie.
import { Session } from "../abi/streams";
import { Brought } from "./brought";

/** HAProxy: a date further ahead than a day is not believed. */
const FURTHEST_AHEAD: i64 = 86400;

export class Lifetime {
  constructor(
    /** Seconds, 0 for no limit (HAProxy `maxidle`). */
    readonly maxIdle: u32,
    /** Seconds, 0 for no limit (HAProxy `maxlife`). */
    readonly maxLife: u32,
    /** Seconds: a token whose last use is older is written again; without `maxIdle`, 0 is never. */
    readonly refreshAfter: u32,
  ) {}

  /** True if dates are needed at all. */
  get limited(): bool {
    return this.maxLife > 0 || this.isRefreshed;
  }

  /** Holds a good token's dates against the limits; a date of 0 is not known, and no reason to end a session. */
  check(since: u32, lastUse: u32, now: u32, session: Session): void {
    if (outside(since, this.maxLife, now) || outside(lastUse, this.maxIdle, now)) {
      session.brought = Brought.Expired;
      session.server = -1;
      return;
    }
    session.since = since;
    if (lastUse > 0 && now > lastUse) session.idle = now - lastUse;
    if (this.stale(since, lastUse, now)) session.brought = Brought.Stale;
  }

  /** True if tokens in use are written again. */
  get isRefreshed(): bool {
    return this.maxIdle > 0 || this.refreshAfter > 0;
  }

  private stale(since: u32, lastUse: u32, now: u32): bool {
    if (this.maxLife > 0 && since == 0) return true;
    return this.isRefreshed && (lastUse == 0 || <i64>now - <i64>lastUse > <i64>this.refreshAfter);
  }
}

function outside(date: u32, limit: u32, now: u32): bool {
  const age = <i64>now - <i64>date;
  return date > 0 && limit > 0 && (age > <i64>limit || -age > FURTHEST_AHEAD);
}
