import { Ledger, Window } from "../../../assembly/sessions/ledger";
import { Random } from "../random";

const NOW: u32 = 1700000000;
const WORKERS = 3;
/** Within the grace of a few seconds, a token that was just replaced may count beside its successor. */
const REPLACED_MOST = 24;

/** A session as no worker knows it. */
class Known {
  constructor(
    public server: i32,
    public lastUse: u32,
  ) {}
}

/** Workers with a ledger for each of two servers, whose changes go onto one gauge a server. */
class Fleet {
  ledgers: Array<Ledger> = [];
  gauges: StaticArray<i32> = new StaticArray<i32>(2);

  constructor(
    private window: Window,
    now: u32,
  ) {
    for (let i = 0; i < 2 * WORKERS; i++) this.ledgers.push(new Ledger(window, now));
  }

  changed(worker: i32, from: i32, lastUse: u32, to: i32, date: u32, now: u32): void {
    if (from >= 0 && this.window.has(lastUse, now)) this.add(worker, from, lastUse, -1);
    if (to >= 0) this.add(worker, to, date, 1);
  }

  private add(worker: i32, server: i32, date: u32, by: i32): void {
    this.ledgers[2 * worker + server].add(date, by);
    this.gauges[server] += by;
  }

  tick(worker: i32, now: u32): void {
    for (let server = 0; server < 2; server++) this.gauges[server] += this.ledgers[2 * worker + server].expire(now);
  }

  get isEmpty(): bool {
    for (let i = 0; i < this.ledgers.length; i++) if (!this.ledgers[i].isEmpty) return false;
    return true;
  }
}

describe("Window", () => {
  test("a session counts for as long as it may be idle, and not for much longer", () => {
    const idles: StaticArray<u32> = [1, 2, 10, 60, 1800, 86400];
    for (let i = 0; i < idles.length; i++) {
      const idle = idles[i];
      const refreshAfter = idle / 10;
      const window = new Window(idle, refreshAfter);
      const most = idle + refreshAfter + 2 * <u32>window.period;
      for (let date = NOW; date < NOW + 100; date += 7) {
        expect<bool>(window.has(date, date + idle + refreshAfter)).toBe(true, `${idle} s at ${date}`);
        expect<bool>(window.has(date, date + most)).toBe(false, `${idle} s at ${date}`);
      }
      expect<i32>(<i32>window.period).toBeLessThanOrEqual(<i32>idle / 25 + 1);
    }
  });

  test("a date that is further ahead than a rounded one does not count", () => {
    const window = new Window(60, 6);
    expect<bool>(window.has(NOW + 4, NOW)).toBe(true);
    expect<bool>(window.has(NOW + 5, NOW)).toBe(false);
  });
});

describe("Ledger", () => {
  test("a session counts until it is idle", () => {
    const ledger = new Ledger(new Window(60, 6), NOW);
    ledger.add(NOW, 1);
    let change = 0;
    for (let now = NOW; now <= NOW + 66; now++) change += ledger.expire(now);
    expect<i32>(change).toBe(0);
    for (let now = NOW + 67; now < NOW + 80; now++) change += ledger.expire(now);
    expect<i32>(change).toBe(-1);
    expect<bool>(ledger.isEmpty).toBe(true);
  });

  test("what was added is never taken off twice: a worker adds before another takes off", () => {
    const window = new Window(60, 6);
    const first = new Ledger(window, NOW);
    const second = new Ledger(window, NOW);
    first.add(NOW, 1);
    second.add(NOW, -1);
    let gauge = 0;
    for (let now = NOW; now < NOW + 90; now++) {
      gauge += first.expire(now);
      gauge += second.expire(now);
      expect<i32>(gauge).toBeGreaterThanOrEqual(0);
    }
    expect<i32>(gauge).toBe(0);
  });

  test("a clock that was years ahead, and is set back, takes nothing with it", () => {
    const ledger = new Ledger(new Window(60, 6), NOW);
    ledger.expire(NOW + 100000000);
    ledger.add(NOW + 100000000, 1);
    expect<i32>(ledger.expire(NOW)).toBe(-1);
    ledger.add(NOW, 1);
    expect<i32>(ledger.expire(NOW + 10)).toBe(0);
    expect<i32>(ledger.expire(NOW + 100)).toBe(-1);
  });

  test("closing takes off all that was counted, and nothing twice", () => {
    const ledger = new Ledger(new Window(60, 6), NOW);
    for (let i: u32 = 0; i < 60; i += 5) ledger.add(NOW + i, 1);
    ledger.add(NOW, -3);
    expect<i32>(ledger.close()).toBe(-9);
    expect<i32>(ledger.expire(NOW + 1000)).toBe(0);
  });

  test("workers together know what a table would know: 200 sessions that come, stay, move and go", () => {
    const random = new Random();
    for (let round = 0; round < 20; round++) {
      const idle = <u32>random.below(200) + 1;
      const refreshAfter = <u32>random.below(<i32>idle);
      const window = new Window(idle, refreshAfter);
      let now = NOW + <u32>random.below(100000);
      const fleet = new Fleet(window, now);
      const sessions: Array<Known> = [];
      let wrong = 0;
      for (let second = 0; second < 1500; second++) {
        now++;
        for (let event = random.below(4); event > 0; event--) {
          const worker = random.below(WORKERS);
          const to = random.below(2);
          // HAProxy's dates are rounded up.
          const date = now + <u32>random.below(4);
          if (sessions.length < 200 && random.below(3) == 0) {
            fleet.changed(worker, -1, 0, to, date, now);
            sessions.push(new Known(to, date));
          } else if (sessions.length > 0) {
            const index = random.below(sessions.length);
            const session = sessions[index];
            const ends = random.below(10) == 0;
            fleet.changed(worker, session.server, session.lastUse, ends ? -1 : to, date, now);
            session.server = to;
            session.lastUse = date;
            if (ends) sessions.splice(index, 1);
          }
        }
        for (let worker = 0; worker < WORKERS; worker++) fleet.tick(worker, now);
        for (let server = 0; server < 2; server++) {
          let live = 0;
          let idle = 0;
          for (let i = 0; i < sessions.length; i++) {
            if (sessions[i].server != server) continue;
            if (window.has(sessions[i].lastUse, now)) live++;
            else idle++;
          }
          const gauge = fleet.gauges[server];
          if (gauge < live || gauge > live + idle + REPLACED_MOST) wrong++;
        }
      }
      expect<i32>(wrong).toBe(0, `round ${round}`);
      now += 2 * (idle + refreshAfter) + 20;
      for (let worker = 0; worker < WORKERS; worker++) fleet.tick(worker, now);
      expect<i32>(fleet.gauges[0]).toBe(0);
      expect<i32>(fleet.gauges[1]).toBe(0);
      expect<bool>(fleet.isEmpty).toBe(true);
    }
  });
});
