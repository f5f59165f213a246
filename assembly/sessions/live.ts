// The gauge of one server's live sessions, as far as this VM has counted them. It outlives the
// configuration that made it: what it has counted, it takes off again when its time has come.
import { gauge, gaugeValue, increment } from "../abi/host";
import { Ledger, Window } from "./ledger";

/** Those that count at least one session, of all configurations. */
const counting = new Array<Live>();

export class Live {
  private ledger: Ledger;
  private gauge: u32;
  private isListed: bool = false;

  /** @param name the gauge's */
  constructor(name: string, window: Window, now: u32) {
    this.ledger = new Ledger(window, now);
    this.gauge = gauge(name);
  }

  /** How many there are, on all workers. */
  get value(): i64 {
    return max<i64>(gaugeValue(this.gauge), 0);
  }

  /** One more. */
  add(date: u32, now: u32): void {
    this.note(date, 1, now);
    increment(this.gauge, 1);
  }

  /** One less, whose token had that date; nothing where there is none left. */
  remove(date: u32, now: u32): void {
    increment(this.gauge, -1);
    if (this.restored(1) == 0) this.note(date, -1, now);
  }

  /** A token of this server has been replaced by one of it: the gauge does not change. */
  renew(lastUse: u32, date: u32, now: u32): void {
    this.note(lastUse, -1, now);
    this.note(date, 1, now);
  }

  private note(date: u32, by: i32, now: u32): void {
    if (!this.isListed) {
      // It was empty, and has not been told the time for a while.
      this.ledger.expire(now);
      this.isListed = true;
      counting.push(this);
    }
    this.ledger.add(date, by);
  }

  /** A client that brings old tokens again can have sessions counted out twice: the gauge stops at 0. */
  private restored(most: i64): i64 {
    const missing = min<i64>(-(<i64>gaugeValue(this.gauge)), most);
    if (missing <= 0) return 0;
    increment(this.gauge, missing);
    return missing;
  }

  private change(by: i32): void {
    if (by == 0) return;
    increment(this.gauge, by);
    if (by < 0) this.restored(-by);
  }

  /** Takes the sessions that have become idle off all gauges. */
  static expire(now: u32): void {
    for (let i = counting.length - 1; i >= 0; i--) {
      const live = counting[i];
      live.change(live.ledger.expire(now));
      if (!live.ledger.isEmpty) continue;
      live.isListed = false;
      counting[i] = counting[counting.length - 1];
      counting.pop();
    }
  }

  /** Takes all that this VM has counted off the gauges. */
  static close(): void {
    for (let i = 0; i < counting.length; i++) {
      counting[i].change(counting[i].ledger.close());
      counting[i].isListed = false;
    }
    counting.length = 0;
  }
}
