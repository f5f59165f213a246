import { reset } from "../../../assembly/abi/arena";
import { NONE, Slice, lenOf, ptrOf, slice } from "../../../assembly/abi/slice";
import { Bucket, CLAIMS, Change, Found, SLOTS, TIME_MASK } from "../../../assembly/learn/bucket";
import { Random } from "../random";

const LEARN = Change.Insert | Change.Replace;
const CLAIM = Change.Insert | Change.Claim;
const NOW: u32 = 1700000000;

const TIMEOUT: u32 = 160;
const MAX_LIFE: u32 = 1000;

/** One bucket with its bytes, as the host keeps them. */
class Kept {
  readonly bucket: Bucket;
  bytes: Slice = NONE;

  constructor(timeout: u32 = TIMEOUT, maxLife: u32 = 0) {
    this.bucket = new Bucket(timeout, maxLife);
  }

  /** True if the change was stored. */
  change(fingerprint: u64, tag: u32, change: i32, now: u32): bool {
    reset();
    const next = this.bucket.change(this.bytes, fingerprint, tag, change, now);
    if (next == NONE) return false;
    const at = heap.alloc(lenOf(next));
    memory.copy(at, ptrOf(next), lenOf(next));
    if (this.bytes != NONE) heap.free(ptrOf(this.bytes));
    this.bytes = slice(at, lenOf(next));
    return true;
  }

  find(fingerprint: u64, now: u32): Found {
    return this.bucket.find(this.bytes, fingerprint, now);
  }

  get sessions(): i32 {
    return (lenOf(this.bytes) - 4) / 16;
  }
}

/** What a bucket should know of a session. */
class Known {
  constructor(
    readonly fingerprint: u64,
    public tag: u32,
    public since: u32,
    public last: u32,
    public claimed: bool,
  ) {}
}

/** The same rules without the bytes: an array, the one used last in front. */
class Model {
  list: Array<Known> = [];

  indexOf(fingerprint: u64): i32 {
    for (let i = 0; i < this.list.length; i++) if (this.list[i].fingerprint == fingerprint) return i;
    return -1;
  }

  expire(now: u32): void {
    const kept = new Array<Known>();
    for (let i = 0; i < this.list.length; i++) {
      const known = this.list[i];
      if (now - known.last <= TIMEOUT + TIMEOUT / 10 && now - known.since <= MAX_LIFE) kept.push(known);
    }
    this.list = kept;
  }

  change(fingerprint: u64, tag: u32, change: i32, now: u32): void {
    this.expire(now);
    const index = this.indexOf(fingerprint);
    if (change == Change.Forget) {
      if (index >= 0) this.list.splice(index, 1);
      return;
    }
    if ((change & (index >= 0 ? Change.Replace : Change.Insert)) == 0) return;
    let known = new Known(fingerprint, tag, now, now, (change & Change.Claim) != 0);
    if (index >= 0) {
      known = this.list[index];
      this.list.splice(index, 1);
      known.tag = tag;
      known.last = now;
      if ((change & Change.Insert) != 0) known.claimed = false;
    }
    this.list.unshift(known);
    let claims = 0;
    let lastClaim = -1;
    for (let i = 0; i < this.list.length; i++) {
      if (!this.list[i].claimed) continue;
      claims++;
      lastClaim = i;
    }
    if (this.list.length > SLOTS || claims > CLAIMS) this.list.splice(claims > 0 ? lastClaim : this.list.length - 1, 1);
  }
}

describe("a bucket", () => {
  test("finds what was learned, with its server", () => {
    const kept = new Kept();
    expect<Found>(kept.find(7, NOW)).toBe(Found.No);
    expect<bool>(kept.change(7, 0x7fffff, LEARN, NOW)).toBe(true);
    expect<Found>(kept.find(7, NOW)).toBe(Found.Yes);
    expect<u32>(kept.bucket.tag).toBe(0x7fffff);
    expect<Found>(kept.find(8, NOW)).toBe(Found.No);
    expect<i32>(kept.bucket.counts[0]).toBe(1);
  });

  test("moves only what it knows, and does not insert what it shall not", () => {
    const kept = new Kept();
    expect<bool>(kept.change(7, 1, Change.Replace, NOW)).toBe(false);
    expect<bool>(kept.change(7, 1, Change.Insert, NOW)).toBe(true);
    expect<bool>(kept.change(7, 2, Change.Insert, NOW)).toBe(false);
    expect<bool>(kept.change(7, 2, CLAIM, NOW)).toBe(false);
    expect<bool>(kept.change(7, 3, Change.Replace, NOW)).toBe(true);
    kept.find(7, NOW);
    expect<u32>(kept.bucket.tag).toBe(3);
    expect<bool>(kept.change(8, 0, Change.Forget, NOW)).toBe(false);
    expect<bool>(kept.change(7, 0, Change.Forget, NOW)).toBe(true);
    expect<Found>(kept.find(7, NOW)).toBe(Found.No);
  });

  test("ends what is idle for longer than the timeout, never earlier", () => {
    const kept = new Kept();
    kept.change(7, 1, LEARN, NOW);
    expect<Found>(kept.find(7, NOW + TIMEOUT)).toBe(Found.Yes);
    expect<Found>(kept.find(7, NOW + TIMEOUT + TIMEOUT / 10)).toBe(Found.Yes);
    expect<Found>(kept.find(7, NOW + TIMEOUT + TIMEOUT / 10 + 1)).toBe(Found.Ended);
    // However long ago: the low bits of its time alone would look young again.
    expect<Found>(kept.find(7, NOW + TIME_MASK + 1)).toBe(Found.Ended);
    kept.change(8, 1, LEARN, NOW + TIME_MASK + 1);
    expect<i32>(kept.sessions).toBe(1);
    expect<i32>(kept.bucket.counts[1]).toBe(1);
  });

  test("ends what lives for longer than it may, used or not", () => {
    const kept = new Kept(TIMEOUT, MAX_LIFE);
    kept.change(7, 1, LEARN, NOW);
    for (let age: u32 = 100; age <= 1000; age += 100) {
      expect<bool>(kept.change(7, 1, Change.Replace, NOW + age)).toBe(true, `${age}`);
    }
    expect<bool>(kept.change(7, 1, Change.Replace, NOW + MAX_LIFE + 1)).toBe(false);
  });

  test("without a timeout keeps the ones used last", () => {
    const kept = new Kept(0);
    for (let i = 1; i <= SLOTS + 5; i++) kept.change(i, 1, LEARN, NOW + i);
    expect<i32>(kept.sessions).toBe(SLOTS);
    expect<Found>(kept.find(5, NOW + 100 * TIME_MASK)).toBe(Found.No);
    expect<Found>(kept.find(6, NOW + 100 * TIME_MASK)).toBe(Found.Yes);
  });

  test("a clock that is set back ends nothing", () => {
    const kept = new Kept();
    kept.change(7, 1, LEARN, NOW);
    kept.change(8, 1, LEARN, NOW - 3600);
    expect<Found>(kept.find(7, NOW - 3600)).toBe(Found.Yes);
    expect<Found>(kept.find(8, NOW - 3600)).toBe(Found.Yes);
    expect<Found>(kept.find(7, NOW)).toBe(Found.Yes);
  });

  test("a flood of claims takes no learned session's slot", () => {
    const kept = new Kept();
    for (let i = 1; i <= SLOTS - 10; i++) kept.change(i, 1, LEARN, NOW);
    for (let i = 1000; i < 3000; i++) kept.change(i, 2, CLAIM, NOW + 1);
    for (let i = 1; i <= SLOTS - 10; i++) expect<Found>(kept.find(i, NOW + 1)).toBe(Found.Yes, `${i}`);
    expect<i32>(kept.sessions).toBe(SLOTS);
    for (let i = 200; i < 210; i++) kept.change(i, 1, LEARN, NOW + 2);
    for (let i = 1; i <= SLOTS - 10; i++) expect<Found>(kept.find(i, NOW + 2)).toBe(Found.Yes, `${i}`);
    expect<bool>(kept.change(5000, 2, CLAIM, NOW + 3)).toBe(false, "a bucket full of learned sessions takes no claim");
    expect<i32>(kept.sessions).toBe(SLOTS);
  });

  test("claims have a quota of their own", () => {
    const kept = new Kept();
    for (let i = 1; i <= 2 * SLOTS; i++) kept.change(i, 1, CLAIM, NOW);
    expect<i32>(kept.sessions).toBe(CLAIMS);
  });

  test("takes any bytes for what they may be", () => {
    const kept = new Kept();
    const random = new Random();
    for (let size = 0; size < 64; size++) {
      const at = heap.alloc(size + 1);
      for (let i = 0; i < size; i++) store<u8>(at + i, <u8>random.next());
      kept.bytes = slice(at, size);
      kept.change(7, 1, LEARN, NOW);
      kept.find(7, NOW);
      expect<u32>(kept.bucket.tag).toBe(1, `${size} bytes`);
    }
  });

  test("does what a list would do, 20,000 random changes of 300 sessions", () => {
    const kept = new Kept(TIMEOUT, MAX_LIFE);
    const model = new Model();
    const random = new Random();
    const changes: StaticArray<i32> = [LEARN, LEARN, Change.Insert, CLAIM, CLAIM, Change.Replace, Change.Forget];
    let now = NOW;
    let differences = 0;
    for (let i = 0; i < 20000; i++) {
      if (random.below(3) == 0) now += random.below(8) == 0 ? random.below(200) : random.below(3);
      const fingerprint = <u64>random.below(300) + 1;
      const change = changes[random.below(changes.length)];
      const tag = <u32>random.below(0x800000);
      kept.change(fingerprint, tag, change, now);
      model.change(fingerprint, tag, change, now);
      const probe = <u64>random.below(300) + 1;
      const index = model.indexOf(probe);
      const found = kept.find(probe, now) == Found.Yes;
      if (found != index >= 0 || (found && kept.bucket.tag != model.list[index].tag)) differences++;
    }
    expect<i32>(differences).toBe(0);
  });
});
