// A bucket: the sessions whose ids hash to it, the one used last first. It is one value of the host's
// shared data, and pure bytes here: `u32 written`, then a slot of 16 bytes for each session:
//
//   u64 fingerprint   of the session's id
//   u64 facts         bits 0 to 19 last use, 20 to 39 beginning, 40 to 62 the server's tag, 63 claimed
//
// Times are in the table's units, and of a slot's two only the low 20 bits are kept: `written` completes
// them, since whatever was older than that had ended when the bucket was written, and is not in it.
import { alloc } from "../abi/arena";
import { NONE, Slice, lenOf, ptrOf, slice } from "../abi/slice";

/** With 4 bytes in front and what the host adds, a full bucket fills 2 KiB, a size of its allocator. */
export const SLOTS: i32 = 127;
/** So many of a bucket's slots may be claimed by clients: sessions that no server has created. */
export const CLAIMS: i32 = 32;

const HEAD: usize = 4;
const SLOT: usize = 16;

const TIME_BITS = 20;
/** Also the longest time that a slot can tell, in units. */
export const TIME_MASK: u32 = (1 << TIME_BITS) - 1;
const TAG_SHIFT = 2 * TIME_BITS;
export const TAG_MASK: u32 = (1 << 23) - 1;
const CLAIMED: u64 = 1 << 63;

/** A use is noted where the one noted before is older than this part of the timeout. */
export const REFRESH: u32 = 10;

/** What a change may do, as bits; without any of them it takes the session out. */
export enum Change {
  Forget = 0,
  /** Store a session that is not there. */
  Insert = 1,
  /** Change one that is there. */
  Replace = 2,
  /** The client says so, no server does: it gets a slot that no learned session wants. */
  Claim = 4,
}

export enum Found {
  No,
  Yes,
  /** It was idle, or lived, for too long. */
  Ended,
}

/** Reads and rewrites buckets; one object for a table, since a request shall not allocate. */
export class Bucket {
  // What `find` found.
  tag: u32 = 0;
  /** Units since its last use, as far as it was noted. */
  idle: i32 = 0;
  /** Units since it began. */
  age: i32 = 0;
  private facts: u64 = 0;
  // Where a walk is.
  private at: usize = 0;
  private end: usize = 0;
  private written: u32 = 0;
  private now: u32 = 0;
  // What `change` found, and what made room: that one's tag, or -1, and its idle time.
  found: Found = Found.No;
  evictedTag: i32 = -1;
  evictedIdle: i32 = 0;
  /** What `change` did: how many sessions came new, had ended, made room. */
  readonly counts: StaticArray<i32> = new StaticArray<i32>(3);

  constructor(
    /** The longest that a session may be idle, in units; 0 is no limit. */
    private timeout: u32,
    /** The longest that it may live; 0 is no limit. */
    private maxLife: u32,
  ) {}

  /** Looks for a session in the bucket as it is at `now`. */
  find(bucket: Slice, fingerprint: u64, now: u32): Found {
    const end = endOf(bucket);
    for (let at = ptrOf(bucket) + HEAD; at < end; at += SLOT) {
      if (load<u64>(at) != fingerprint) continue;
      const written = load<u32>(ptrOf(bucket));
      this.tell(load<u64>(at, 8), written, now);
      return this.hasEnded(this.facts, written, now) ? Found.Ended : Found.Yes;
    }
    return Found.No;
  }

  /** Begins a walk over the bucket's sessions that have not ended at `now`. */
  walk(bucket: Slice, now: u32): void {
    this.end = endOf(bucket);
    this.at = ptrOf(bucket) + HEAD - SLOT;
    this.written = lenOf(bucket) < <i32>HEAD ? now : load<u32>(ptrOf(bucket));
    this.now = now;
  }

  /** The walk's next session, told as by `find`; false behind the last one. */
  next(): bool {
    for (this.at += SLOT; this.at < this.end; this.at += SLOT) {
      const facts = load<u64>(this.at, 8);
      if (this.hasEnded(facts, this.written, this.now)) continue;
      this.tell(facts, this.written, this.now);
      return true;
    }
    return false;
  }

  /** True if no server has created the session that was found: a client claimed it. */
  get claimed(): bool {
    return (this.facts & CLAIMED) != 0;
  }

  /** The bucket without the sessions of a server, in the arena; NONE if it has none. */
  without(bucket: Slice, tag: u32): Slice {
    if (lenOf(bucket) < <i32>HEAD) return NONE;
    const end = endOf(bucket);
    const out = alloc(<usize>lenOf(bucket));
    store<u32>(out, load<u32>(ptrOf(bucket)));
    let to = out + HEAD;
    for (let at = ptrOf(bucket) + HEAD; at < end; at += SLOT) {
      if (tagOf(load<u64>(at, 8)) == tag) continue;
      memory.copy(to, at, SLOT);
      to += SLOT;
    }
    return to - out == end - ptrOf(bucket) ? NONE : slice(out, <i32>(to - out));
  }

  /**
   * The bucket with one session changed (`change` is bits of `Change`), in the arena; NONE if it stays
   * as it is. Sessions that have ended go; where too many are left, the longest unused claim goes, or,
   * where there is none, the longest unused session. A new session began at `since`.
   */
  change(bucket: Slice, fingerprint: u64, tag: u32, change: i32, now: u32, since: u32 = now): Slice {
    const found = this.find(bucket, fingerprint, now);
    this.found = found;
    this.evictedTag = -1;
    if (change != Change.Forget && (change & (found == Found.Yes ? Change.Replace : Change.Insert)) == 0) return NONE;
    if (change == Change.Forget && found == Found.No) return NONE;
    let expired = 0;
    const out = alloc(HEAD + SLOT + <usize>lenOf(bucket));
    let written: u32 = 0;
    if (lenOf(bucket) >= <i32>HEAD) written = load<u32>(ptrOf(bucket));
    // The clock may have been set back.
    const latest = max(written, now);
    store<u32>(out, latest);
    let to = out + HEAD;
    let claims = 0;
    let lastClaim: usize = 0;
    if (change != Change.Forget) {
      let facts = (<u64>(now & TIME_MASK)) | ((<u64>tag) << TAG_SHIFT);
      if (found == Found.Yes) {
        facts |= this.facts & ((<u64>TIME_MASK) << TIME_BITS);
        if ((change & Change.Insert) == 0) facts |= this.facts & CLAIMED;
      } else {
        facts |= (<u64>(since & TIME_MASK)) << TIME_BITS;
        if ((change & Change.Claim) != 0) facts |= CLAIMED;
      }
      store<u64>(to, fingerprint);
      store<u64>(to, facts, 8);
      if ((facts & CLAIMED) != 0) {
        claims++;
        lastClaim = to;
      }
      to += SLOT;
    }
    const end = endOf(bucket);
    for (let at = ptrOf(bucket) + HEAD; at < end; at += SLOT) {
      const facts = load<u64>(at, 8);
      if (this.hasEnded(facts, written, now)) {
        expired++;
        continue;
      }
      if (load<u64>(at) == fingerprint) continue;
      memory.copy(to, at, SLOT);
      if ((facts & CLAIMED) != 0) {
        claims++;
        lastClaim = to;
      }
      to += SLOT;
    }
    const evicts = to > out + HEAD + SLOT * SLOTS || claims > CLAIMS;
    if (evicts) {
      to -= SLOT;
      if (claims > 0) {
        // A claim is stored only where there is room for one.
        if (lastClaim == out + HEAD) return NONE;
        this.noteEvicted(load<u64>(lastClaim, 8), written, now);
        memory.copy(lastClaim, lastClaim + SLOT, to - lastClaim);
      } else {
        this.noteEvicted(load<u64>(to, 8), written, now);
      }
    }
    this.counts[0] = <i32>(change != Change.Forget && found != Found.Yes);
    this.counts[1] = expired;
    this.counts[2] = <i32>evicts;
    return slice(out, <i32>(to - out));
  }

  private tell(facts: u64, written: u32, now: u32): void {
    this.facts = facts;
    this.tag = tagOf(facts);
    this.idle = age(<u32>facts, written, now);
    this.age = age(<u32>(facts >> TIME_BITS), written, now);
  }

  private noteEvicted(facts: u64, written: u32, now: u32): void {
    this.evictedTag = tagOf(facts);
    this.evictedIdle = age(<u32>facts, written, now);
  }

  private hasEnded(facts: u64, written: u32, now: u32): bool {
    const latest = <i32>(this.timeout + this.refreshAfter);
    if (latest > 0 && age(<u32>facts, written, now) > latest) return true;
    return this.maxLife > 0 && age(<u32>(facts >> TIME_BITS), written, now) > <i32>this.maxLife;
  }

  /**
   * A use is noted where the one noted before it is older than this: a session in use costs a write
   * only now and then, and ends that much later at most, never too early.
   */
  get refreshAfter(): u32 {
    return this.timeout / REFRESH;
  }
}

function tagOf(facts: u64): u32 {
  return (<u32>(facts >> TAG_SHIFT)) & TAG_MASK;
}

/** Units since a time of which the low bits were kept; negative if the clock was set back. */
function age(time: u32, written: u32, now: u32): i32 {
  return <i32>(now - written + ((written - time) & TIME_MASK));
}

/** Where the last whole slot ends. */
function endOf(bucket: Slice): usize {
  const size = lenOf(bucket) - <i32>HEAD;
  return ptrOf(bucket) + HEAD + (size > 0 ? (<usize>size) & ~(SLOT - 1) : 0);
}
