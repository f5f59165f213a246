// The table of learned sessions: buckets in the host's shared data, so that all of Envoy's workers see
// one, and a listener's new configuration finds the old one's sessions. Its memory is bounded: a
// bucket that is full gives a slot up for each that it takes.
import { mark, release } from "../abi/arena";
import { counter, increment, nowSeconds } from "../abi/host";
import { shareNext, sharedData } from "../abi/shared-data";
import { NONE, Slice, Text, lenOf, part, ptrOf, slice } from "../abi/slice";
import { xxh64 } from "../choose/xxh64";
import { ruleMetric } from "../remember/outcome";
import { Server } from "../servers/server";
import { Servers } from "../servers/index";
import { SessionCount } from "../sessions/count";
import { Lifetime } from "../token/lifetime";
import { Bucket, Change, Found, REFRESH, TIME_MASK } from "./bucket";
import { ServerTags } from "./server-tags";
import { SIP_KEY_SIZE, sipHash } from "./siphash";

/** What the host needs for a full bucket, with its key and its place in the host's map. */
export const BUCKET_COST: f64 = 2048 + 128;

/** Attempts to write a bucket before others; each that fails means that another worker's succeeded. */
const ATTEMPTS = 8;

/** What is counted; the first are those of `Bucket`. */
const WORDS = ["learned", "expired", "evicted", "lost"];
/** Changes given up, since other workers were quicker each time. */
const LOST = 3;

/** Another format has another mark. */
const MARK: u32 = 0x316c6d6c;
/** Mark, the table's number, the bucket's: short enough to stand within the host's string objects. */
const KEY_SIZE = 16;

export class Table {
  private bucket: Bucket;
  private key: StaticArray<u8> = new StaticArray<u8>(KEY_SIZE);
  private secret: StaticArray<u8> = new StaticArray<u8>(SIP_KEY_SIZE);
  /** A unit of time is 1 << unit seconds. */
  private unit: i32;
  readonly lifetime: Lifetime;
  // What `lookUp` found: the session's server, or -1, when it began and was last used, and how long ago, in seconds.
  server: i32 = -1;
  since: u32 = 0;
  lastUse: u32 = 0;
  idle: u32 = 0;
  /** It noted the use: no other worker does for a while. */
  noted: bool = false;
  /** Where its sessions are counted. */
  sessions: SessionCount | null = null;
  private servers: Servers | null = null;
  private tags: ServerTags | null = null;
  /** In the order of `WORDS`. */
  private counters: StaticArray<u32> = new StaticArray<u32>(WORDS.length);

  constructor(
    policy: string,
    rule: string,
    /** How many; `walk` knows them by the numbers below it. */
    readonly buckets: u32,
    /** Seconds that a session may be idle. */
    timeout: u32,
    /** Seconds that it may live; 0 is no limit. */
    maxLife: u32,
    /** So much of an id counts. */
    private length: i32,
    /** Copied. */
    secret: Slice,
  ) {
    let unit = 0;
    while (max(timeout + timeout / REFRESH, maxLife) >> unit > TIME_MASK) unit++;
    this.unit = unit;
    const bucket = new Bucket(timeout >> unit, maxLife >> unit);
    this.bucket = bucket;
    this.lifetime = new Lifetime(timeout, maxLife, bucket.refreshAfter << unit);
    memory.copy(changetype<usize>(this.secret), ptrOf(secret), SIP_KEY_SIZE);
    const key = changetype<usize>(this.key);
    store<u32>(key, MARK);
    // A table of another size is another table.
    const name = new Text(`${policy}\0${rule}`);
    store<u64>(key, xxh64(name.slice, ((<u64>buckets) << 8) | (<u64>unit)), 4);
    for (let i = 0; i < WORDS.length; i++) this.counters[i] = counter(ruleMetric(policy, rule, WORDS[i]));
  }

  /** Called when the servers have changed. */
  prepare(servers: Servers): void {
    this.servers = servers;
    this.tags = new ServerTags(servers);
  }

  /** What stands for a session's id; never 0. */
  fingerprint(id: Slice): u64 {
    return max(sipHash(this.counting(id), changetype<usize>(this.secret)), 1);
  }

  /** The part of an id that counts. */
  counting(id: Slice): Slice {
    return part(id, 0, min(lenOf(id), this.length));
  }

  /** Looks for a session, which is in use; where it is, `server` and `lastUse` tell of it. */
  lookUp(fingerprint: u64): Found {
    const key = this.keyFor(fingerprint);
    const now = this.now;
    const bytes = sharedData(key);
    const bucket = this.bucket;
    const found = bucket.find(bytes, fingerprint, now);
    this.noted = false;
    if (found == Found.No) return found;
    this.server = this.tags!.find(bucket.tag);
    this.since = (now - bucket.age) << this.unit;
    this.lastUse = (now - bucket.idle) << this.unit;
    this.idle = max(bucket.idle, 0) << this.unit;
    if (found == Found.Yes && bucket.idle > <i32>bucket.refreshAfter) {
      // Where another worker is quicker, the session's next use will do.
      const next = bucket.change(bytes, fingerprint, bucket.tag, Change.Replace, now);
      this.noted = shareNext(key, next);
      if (this.noted) this.count(this.server, now);
    }
    return found;
  }

  /** False for none (-1), and for a server that was met before discovery has told of it. */
  knows(server: i32): bool {
    return server >= 0 && this.tags!.has(server);
  }

  /** What stands for the server in an entry, whatever becomes of the list. */
  tagOf(server: i32): u32 {
    return this.tags!.of(server);
  }

  /** The server of that tag, or -1. */
  withTag(tag: u32): i32 {
    return this.tags!.find(tag);
  }

  /**
   * Changes a session's entry; `change` is bits of `Change`; without a server (-1) the session is forgotten.
   * A new one began at `since`, in seconds since the epoch, or now (0).
   */
  change(fingerprint: u64, server: i32, change: i32, since: u32 = 0): void {
    const tag = server < 0 ? 0 : this.tags!.of(server);
    const key = this.keyFor(fingerprint);
    const now = this.now;
    const begun = since == 0 ? now : since >> this.unit;
    for (let i = 0; i < ATTEMPTS; i++) {
      const next = this.bucket.change(sharedData(key), fingerprint, tag, change, now, begun);
      if (next == NONE) return;
      if (!shareNext(key, next)) continue;
      this.count(server, now);
      return;
    }
    increment(this.counters[LOST]);
  }

  /** Begins a walk over the sessions of one bucket: for the operator, since it takes as many calls as there are buckets. */
  walk(number: u32): Bucket {
    const bucket = this.bucket;
    bucket.walk(sharedData(this.keyOf(number)), this.now);
    return bucket;
  }

  /** Looks for a session without using it; what is returned tells of it. */
  peek(fingerprint: u64): Bucket | null {
    const bucket = this.bucket;
    return bucket.find(sharedData(this.keyFor(fingerprint)), fingerprint, this.now) == Found.Yes ? bucket : null;
  }

  /** Takes all sessions of a server out; how many there were. */
  clear(server: i32): i32 {
    const tag = this.tags!.of(server);
    const bucket = this.bucket;
    let cleared = 0;
    for (let number: u32 = 0; number < this.buckets; number++) {
      const before = mark();
      const key = this.keyOf(number);
      const now = this.now;
      for (let i = 0; i < ATTEMPTS; i++) {
        const bytes = sharedData(key);
        const next = bucket.without(bytes, tag);
        if (next == NONE) break;
        if (!shareNext(key, next)) continue;
        for (bucket.walk(bytes, now); bucket.next();) {
          if (bucket.tag != tag) continue;
          cleared++;
          const sessions = this.sessions;
          if (sessions !== null) sessions.changed(this.at(server), (now - bucket.idle) << this.unit, null, 0);
        }
        break;
      }
      release(before);
    }
    return cleared;
  }

  /** A bucket's time in seconds. */
  seconds(time: i32): i32 {
    return max(time, 0) << this.unit;
  }

  /** Counts the change that was stored; the session is on that server now, or on none. */
  private count(server: i32, now: u32): void {
    const bucket = this.bucket;
    for (let i = 0; i < LOST; i++) {
      const by = unchecked(bucket.counts[i]);
      if (by > 0) increment(unchecked(this.counters[i]), by);
    }
    const sessions = this.sessions;
    if (sessions === null) return;
    const unit = this.unit;
    const before = bucket.found == Found.No ? -1 : this.tags!.find(bucket.tag);
    sessions.changed(this.at(before), (now - bucket.idle) << unit, this.at(server), now << unit);
    if (bucket.evictedTag < 0) return;
    sessions.changed(this.at(this.tags!.find(bucket.evictedTag)), (now - bucket.evictedIdle) << unit, null, 0);
  }

  private at(server: i32): Server | null {
    if (server < 0) return null;
    return this.servers!.at(server);
  }

  private get now(): u32 {
    return nowSeconds() >> this.unit;
  }

  private keyFor(fingerprint: u64): Slice {
    return this.keyOf(<u32>(((fingerprint >> 32) * <u64>this.buckets) >> 32));
  }

  private keyOf(bucket: u32): Slice {
    const key = changetype<usize>(this.key);
    store<u32>(key, bucket, 12);
    return slice(key, KEY_SIZE);
  }
}
