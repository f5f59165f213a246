// What the filter remembers of a stream between its callbacks: fixed-size records in an
// open-addressing table keyed by context id (linear probing, backward-shift deletion: Knuth, TAOCP 3,
// 6.4 algorithm R). It doubles when half full, so memory follows the most streams ever open at once.

import { NONE, Slice, lenOf, ptrOf, slice } from "./slice";

/** How many rules of one policy may remember a session. */
export const MAX_REMEMBERING_RULES: i32 = 4;

const mark: usize = memory.data(8, 8);

/** What tells a session from others, as bytes until the next call; NONE for 0, where that is not known. */
export function bytesOf(number: u64): Slice {
  store<u64>(mark, number);
  return number == 0 ? NONE : slice(mark, 8);
}

/** What the client brought to one remembering rule; the token says what it means. */
@unmanaged
export class Session {
  /** The server that it names, or -1. */
  server: i32;
  /** The same, though it may not be used. */
  named: i32;
  /** A `Brought` of token/token.ts. */
  brought: i32;
  /** The server may not be asked, as far as is known. */
  away: bool;
  /** When the session began, in seconds since the epoch; 0 is not known. */
  since: u32;
  /** When it was last used, as far as that was noted; 0 is not known. */
  lastUse: u32;
  /** Seconds since then; 0 is not known. */
  idle: u32;
  /** The client gets a new token, or a table a new entry. */
  isWritten: bool;
  /** What of the request the response will need, for its headers are gone by then: `Noted` bits. */
  noted: i32;
  /** The fingerprint of the session's id, where a table remembers sessions by it, or of its token; 0 is none. */
  fingerprint: u64;
  /** Where a shared store keeps that session. */
  low: u64;
  high: u64;
  /** Under how many keys the store was asked for it. */
  asked: i32;
  /** The text itself, as long as the stream lives: see `keep`. 0 is none. */
  private kept: usize;

  /** Keeps a copy of the client's text for the response. */
  keep(text: Slice): void {
    this.release();
    this.kept = heap.alloc(4 + <usize>lenOf(text));
    store<i32>(this.kept, lenOf(text));
    memory.copy(this.kept + 4, ptrOf(text), lenOf(text));
  }

  /** What was kept, or NONE. */
  get text(): Slice {
    return this.kept == 0 ? NONE : slice(this.kept + 4, load<i32>(this.kept));
  }

  release(): void {
    if (this.kept != 0) heap.free(this.kept);
    this.kept = 0;
  }
}

/** One stream; a record moves when others come and go, so it is good for one callback only. */
@unmanaged
export class Stream {
  /** Context id; 0 marks a free place (the host gives no stream the id 0). */
  id: u32;
  /** Address of the root context's object, which outlives its streams. */
  root: usize;
  /** Address of the policy that the request was given, one of the root's; 0 is none. */
  policy: usize;
  /** The server handed off to, or -1. */
  asked: i32;
  /** The rule that chose it, or -1. */
  rule: i32;
  /** A `Course` of remember/outcome.ts. */
  course: i32;
  /** The gauge of requests in flight on which this stream is; 0 is none. */
  counted: u32;
  /** The rule whose answer the request waits for, plus 1; 0 is none. */
  waits: i32;
  /** The outcome was counted. */
  concluded: bool;

  /** What was brought to the remembering rule of that number. */
  session(index: i32): Session {
    return changetype<Session>(changetype<usize>(this) + HEAD + <usize>index * offsetof<Session>());
  }
}

const HEAD: usize = (offsetof<Stream>() + 3) & ~3;
const SIZE: usize = HEAD + MAX_REMEMBERING_RULES * offsetof<Session>();
const FIRST_CAPACITY: u32 = 256;

let table: usize = 0;
let capacity: u32 = 0;
let count: u32 = 0;

/** A new record for a stream of that root. */
export function addStream(id: u32, root: usize): Stream {
  if (count * 2 >= capacity) enlarge();
  count++;
  return claim(id, root);
}

/** The record of an open stream, or null. */
export function findStream(id: u32): Stream | null {
  if (id == 0 || capacity == 0) return null;
  let i = home(id);
  while (at(i).id != id) {
    if (at(i).id == 0) return null;
    i = (i + 1) & (capacity - 1);
  }
  return at(i);
}

/** How many places `streamAt` has. */
export function streamPlaces(): u32 {
  return capacity;
}

/** The record at that place of the table; one without an id is free. */
export function streamAt(place: u32): Stream {
  return at(place);
}

/** Forgets a stream; records behind it move up, so that no search stops early. */
export function removeStream(stream: Stream): void {
  for (let i = 0; i < MAX_REMEMBERING_RULES; i++) stream.session(i).release();
  count--;
  let hole = <u32>((changetype<usize>(stream) - table) / SIZE);
  for (let i = (hole + 1) & (capacity - 1); at(i).id != 0; i = (i + 1) & (capacity - 1)) {
    const distance = (i - home(at(i).id)) & (capacity - 1);
    if (distance < ((i - hole) & (capacity - 1))) continue;
    memory.copy(changetype<usize>(at(hole)), changetype<usize>(at(i)), SIZE);
    hole = i;
  }
  at(hole).id = 0;
}

function at(index: u32): Stream {
  return changetype<Stream>(table + <usize>index * SIZE);
}

/** Ids are handed out one after another, so their low bits spread them evenly. */
function home(id: u32): u32 {
  return id & (capacity - 1);
}

function claim(id: u32, root: usize): Stream {
  let i = home(id);
  while (at(i).id != 0) i = (i + 1) & (capacity - 1);
  const stream = at(i);
  memory.fill(changetype<usize>(stream), 0, SIZE);
  stream.id = id;
  stream.root = root;
  stream.asked = -1;
  stream.rule = -1;
  for (let i = 0; i < MAX_REMEMBERING_RULES; i++) {
    stream.session(i).server = -1;
    stream.session(i).named = -1;
  }
  return stream;
}

function enlarge(): void {
  const old = table;
  const oldCapacity = capacity;
  capacity = max(FIRST_CAPACITY, capacity * 2);
  table = heap.alloc(<usize>capacity * SIZE);
  memory.fill(table, 0, <usize>capacity * SIZE);
  for (let i: u32 = 0; i < oldCapacity; i++) {
    const from = changetype<Stream>(old + <usize>i * SIZE);
    if (from.id == 0) continue;
    memory.copy(changetype<usize>(claim(from.id, from.root)), changetype<usize>(from), SIZE);
  }
  if (old != 0) heap.free(old);
}
