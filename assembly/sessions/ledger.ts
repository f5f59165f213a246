// How many sessions are live, told by the dates that their tokens carry, without a table of them. Time
// is cut into periods. A token written in a period counts one there, and the token that it replaces one
// less in its own period: what is left in a period are the sessions last heard of then, and when the
// period leaves the window, they are idle and no longer count.
//
// Each worker keeps such a ledger, and all of them add to one gauge. A worker alone can be left with
// less than nothing in a period, where a token of another worker came back to it; the sum is right.

/** Seconds that a token may be dated ahead: HAProxy's dates are rounded up to four. */
const AHEAD = 4;
/**
 * Workers are told the time every second or two, at different moments: what is to be added to the gauge goes
 * first, what is to be taken off follows when all have added, so the gauge is never below nothing.
 */
const GRACE = 3;
/** Periods of a window: the more, the sharper its edge. */
const PERIODS: u32 = 32;

/** For how long a session counts behind its last token. */
export class Window {
  /** Seconds of one period. */
  readonly period: i64;
  /** Periods that count, the current one among them. */
  readonly periods: i64;

  /**
   * @param idle seconds that a session may be idle
   * @param refreshAfter seconds that a token in use may be old: its session counts so much longer
   */
  constructor(idle: u32, refreshAfter: u32) {
    const whole = idle + refreshAfter;
    this.period = <i64>max<u32>(1, (whole + PERIODS - 1) / PERIODS);
    this.periods = (<i64>whole + this.period - 1) / this.period + 1;
  }

  /** The oldest period that counts. */
  first(now: u32): i64 {
    return <i64>now / this.period - this.periods + 1;
  }

  /** True if a token of that date counts. */
  has(date: u32, now: u32): bool {
    return <i64>date / this.period >= this.first(now) && date <= now + AHEAD;
  }
}

export class Ledger {
  private counts: StaticArray<i32>;
  /** All periods before this one have been given up. */
  private oldest: i64;

  constructor(
    private window: Window,
    now: u32,
  ) {
    this.counts = new StaticArray<i32>(<i32>(window.periods + (AHEAD + GRACE) / window.period + 2));
    this.oldest = window.first(now - GRACE);
  }

  /** Counts so many sessions more at that date. */
  add(date: u32, by: i32): void {
    const last = this.oldest + <i64>this.counts.length - 1;
    const at = this.place(min(max(<i64>date / this.window.period, this.oldest), last));
    unchecked((this.counts[at] += by));
  }

  /** Gives up the periods that have left the window; what the gauge must be changed by. */
  expire(now: u32): i32 {
    const size = <i64>this.counts.length;
    const late = this.window.first(now - GRACE);
    // The clock was ahead, and has been set back.
    if (this.oldest > late + size) return this.close(late);
    const due = min(this.window.first(now), this.oldest + size);
    let change = 0;
    for (let period = this.oldest; period < due; period++) {
      const at = this.place(period);
      const count = unchecked(this.counts[at]);
      if (count > 0 && period >= late) continue;
      change -= count;
      unchecked((this.counts[at] = 0));
    }
    this.oldest = max(this.oldest, late);
    return change;
  }

  /** Gives up all; what the gauge must be changed by. `from` is the oldest period from now on. */
  close(from: i64 = this.oldest): i32 {
    let change = 0;
    for (let i = 0; i < this.counts.length; i++) change -= this.counts[i];
    memory.fill(changetype<usize>(this.counts), 0, (<usize>this.counts.length) << 2);
    this.oldest = from;
    return change;
  }

  get isEmpty(): bool {
    for (let i = 0; i < this.counts.length; i++) if (unchecked(this.counts[i]) != 0) return false;
    return true;
  }

  private place(period: i64): i32 {
    return <i32>(period % <i64>this.counts.length);
  }
}
