// What a root context does now and then, outside of any request. Envoy has one timer for each root
// context; each ticker has a period of its own, and is called at the first tick that it is due at.
import { HttpCalls } from "./abi/http-calls";

/** A period. */
export const EVERY_SECOND: u32 = 1000;

export abstract class Ticker {
  /** When it is called next, in milliseconds since the epoch; a ticker may change it. */
  due: u64 = 0;

  constructor(
    /** Milliseconds. */
    readonly period: u32,
  ) {}

  /** @param calls the root's, for calls to be made from here */
  abstract tick(now: u64, calls: HttpCalls): void;

  /** Called when its configuration is taken into use, and when it no longer is. */
  begin(): void {}
  end(): void {}
}

export class Tickers {
  private list: Array<Ticker> = [];

  add(ticker: Ticker): void {
    this.list.push(ticker);
  }

  /** The shortest period: how often `run` is to be called; 0 if there is none. */
  get period(): u32 {
    let shortest: u32 = 0;
    for (let i = 0; i < this.list.length; i++) {
      const period = this.list[i].period;
      if (shortest == 0 || period < shortest) shortest = period;
    }
    return shortest;
  }

  begin(): void {
    for (let i = 0; i < this.list.length; i++) this.list[i].begin();
  }

  end(): void {
    for (let i = 0; i < this.list.length; i++) this.list[i].end();
  }

  run(now: u64, calls: HttpCalls): void {
    for (let i = 0; i < this.list.length; i++) {
      const ticker = this.list[i];
      if (ticker.due > now) continue;
      ticker.due = now + ticker.period;
      ticker.tick(now, calls);
    }
  }
}
