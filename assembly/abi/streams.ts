// What the filter remembers of a stream between its callbacks: fixed-size records, found by context id
// in an open-addressing table of their addresses (linear probing, backward-shift deletion: Knuth, TAOCP
// 3, 6.4 algorithm R). It doubles when half full, so memory follows the most streams ever open at once.
// A new stream gets the record that was given back last: the one most likely in the processor's caches.

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

/** One stream. */
@unmanaged
export class Stream {
  /** Context id (the host gives no stream the id 0). */
  id: u32;
  /** How many sessions it keeps: one for each of the policy's rules that remember. */
  sessions: i32;
  /** Address of the root context's object, which outlives its streams; of a free record, the next free one. */
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

  /** Gives the request its policy, by address, of which so many rules remember: none has been brought anything. */
  take(policy: usize, sessions: i32): void {
    this.policy = policy;
    this.sessions = sessions;
    memory.fill(changetype<usize>(this) + HEAD, 0, <usize>sessions * offsetof<Session>());
    for (let i = 0; i < sessions; i++) {
      this.session(i).server = -1;
      this.session(i).named = -1;
    }
  }

  /** What was brought to the remembering rule of that number. */
  session(index: i32): Session {
    return changetype<Session>(changetype<usize>(this) + HEAD + <usize>index * offsetof<Session>());
  }
}

const HEAD: usize = (offsetof<Stream>() + 7) & ~7;
const SIZE: usize = HEAD + MAX_REMEMBERING_RULES * offsetof<Session>();
const FIRST_CAPACITY: u32 = 256;

/** A place of the table: a stream's id, 0 where it is free, and its record. */
const PLACE: usize = 8;

let table: usize = 0;
let capacity: u32 = 0;
let count: u32 = 0;
/** The record that was given back last; the others hang on it. */
let free: usize = 0;

/** A new record for a stream of that root. */
export function addStream(id: u32, root: usize): Stream {
  if (count * 2 >= capacity) enlarge();
  count++;
  let record = free;
  if (record == 0) record = heap.alloc(SIZE);
  else free = changetype<Stream>(record).root;
  enter(id, record);
  memory.fill(record, 0, HEAD);
  const stream = changetype<Stream>(record);
  stream.id = id;
  stream.root = root;
  stream.asked = -1;
  stream.rule = -1;
  return stream;
}

/** The record of an open stream, or null. */
export function findStream(id: u32): Stream | null {
  if (id == 0 || capacity == 0) return null;
  let place = home(id);
  while (idAt(place) != id) {
    if (idAt(place) == 0) return null;
    place = next(place);
  }
  return changetype<Stream>(recordAt(place));
}

/** How many places `streamAt` has. */
export function streamPlaces(): u32 {
  return capacity;
}

/** The stream at that place of the table, or null. */
export function streamAt(place: u32): Stream | null {
  return idAt(place) == 0 ? null : changetype<Stream>(recordAt(place));
}

/** Forgets a stream; places behind it move up, so that no search stops early. */
export function removeStream(stream: Stream): void {
  for (let i = 0; i < stream.sessions; i++) stream.session(i).release();
  count--;
  let hole = home(stream.id);
  while (idAt(hole) != stream.id) hole = next(hole);
  for (let i = next(hole); idAt(i) != 0; i = next(i)) {
    const distance = (i - home(idAt(i))) & (capacity - 1);
    if (distance < ((i - hole) & (capacity - 1))) continue;
    store<u64>(at(hole), load<u64>(at(i)));
    hole = i;
  }
  store<u32>(at(hole), 0);
  stream.root = free;
  free = changetype<usize>(stream);
}

function at(place: u32): usize {
  return table + <usize>place * PLACE;
}

function idAt(place: u32): u32 {
  return load<u32>(at(place));
}

function recordAt(place: u32): usize {
  return load<usize>(at(place), 4);
}

/** Ids are handed out one after another, so their low bits spread them evenly. */
function home(id: u32): u32 {
  return id & (capacity - 1);
}

function next(place: u32): u32 {
  return (place + 1) & (capacity - 1);
}

function enter(id: u32, record: usize): void {
  let place = home(id);
  while (idAt(place) != 0) place = next(place);
  store<u32>(at(place), id);
  store<usize>(at(place), record, 4);
}

function enlarge(): void {
  const old = table;
  const oldCapacity = capacity;
  capacity = max(FIRST_CAPACITY, capacity * 2);
  table = heap.alloc(<usize>capacity * PLACE);
  memory.fill(table, 0, <usize>capacity * PLACE);
  for (let i: u32 = 0; i < oldCapacity; i++) {
    const from = old + <usize>i * PLACE;
    if (load<u32>(from) != 0) enter(load<u32>(from), load<usize>(from, 4));
  }
  if (old != 0) heap.free(old);
}
