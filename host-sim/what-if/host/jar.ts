import { copyBytes, equalBytes } from "./copy.js";

const EQUALS = 0x3d;
const SEMICOLON = 0x3b;
const SPACE = 0x20;
const FIRST_ROOM = 16;

/** How often a cookie was set, and the bytes of all its Set-Cookie values and of all its `name=value`. */
export interface CookieCount {
  name: string;
  set: number;
  setBytes: number;
  pairBytes: number;
}

/** One cookie's `name=value` of every client, each in as much room as the longest needs. */
class Slot {
  room = FIRST_ROOM;
  bytes: Uint8Array;
  words: Uint32Array;
  readonly lengths: Uint16Array;
  set = 0;
  setBytes = 0;
  pairBytes = 0;

  constructor(
    readonly name: Uint8Array,
    private readonly clients: number,
  ) {
    this.lengths = new Uint16Array(clients);
    this.bytes = new Uint8Array(clients * this.room);
    this.words = new Uint32Array(this.bytes.buffer);
  }

  widen(length: number): void {
    const before = this.room;
    const old = this.bytes;
    while (this.room < length) this.room += 8;
    this.bytes = new Uint8Array(this.clients * this.room);
    this.words = new Uint32Array(this.bytes.buffer);
    for (let client = 0; client < this.clients; client++) {
      const length = this.lengths[client]!;
      if (length > 0) this.bytes.set(old.subarray(client * before, client * before + length), client * this.room);
    }
  }
}

/**
 * The cookies of all clients, as bytes in a few large arrays. Attributes are not looked at: a session
 * is shorter than its cookies last, and begins with an empty jar.
 */
export class Jar {
  readonly #slots: Slot[] = [];

  constructor(private readonly clients: number) {}

  /** Keeps the cookie of a Set-Cookie value, which stands in `bytes`. */
  store(client: number, bytes: Uint8Array, words: Uint32Array, from: number, length: number): void {
    let end = 0;
    while (end < length && bytes[from + end] !== SEMICOLON) end++;
    const slot = this.#slotOf(bytes, from, end);
    if (end > slot.room) slot.widen(end);
    copyBytes(slot.bytes, slot.words, client * slot.room, bytes, words, from, end);
    slot.lengths[client] = end;
    slot.set++;
    slot.setBytes += length;
    slot.pairBytes += end;
  }

  /** What was written into it, by cookie. */
  written(): CookieCount[] {
    return this.#slots.map(({ name, set, setBytes, pairBytes }) => {
      return { name: Buffer.from(name).toString("latin1"), set, setBytes, pairBytes };
    });
  }

  #slotOf(bytes: Uint8Array, from: number, end: number): Slot {
    let equals = 0;
    while (equals < end && bytes[from + equals] !== EQUALS) equals++;
    for (const slot of this.#slots) if (equalBytes(bytes, from, equals, slot.name)) return slot;
    const slot = new Slot(bytes.slice(from, from + equals), this.clients);
    this.#slots.push(slot);
    return slot;
  }

  clear(client: number): void {
    for (let i = 0; i < this.#slots.length; i++) this.#slots[i]!.lengths[client] = 0;
  }

  /** True if the client has a cookie of that name. */
  has(client: number, name: Uint8Array): boolean {
    for (let i = 0; i < this.#slots.length; i++) {
      const slot = this.#slots[i]!;
      if (slot.lengths[client]! > 0 && equalBytes(slot.name, 0, slot.name.length, name)) return true;
    }
    return false;
  }

  /** Length of the client's Cookie line; 0 without cookies. */
  lineLength(client: number): number {
    let length = 0;
    for (let i = 0; i < this.#slots.length; i++) {
      const own = this.#slots[i]!.lengths[client]!;
      if (own > 0) length += own + (length > 0 ? 2 : 0);
    }
    return length;
  }

  /** Writes the client's Cookie line. */
  writeLine(client: number, target: Uint8Array, targetWords: Uint32Array, at: number): void {
    let first = true;
    for (let i = 0; i < this.#slots.length; i++) {
      const slot = this.#slots[i]!;
      const length = slot.lengths[client]!;
      if (length === 0) continue;
      if (!first) {
        target[at++] = SEMICOLON;
        target[at++] = SPACE;
      }
      first = false;
      copyBytes(target, targetWords, at, slot.bytes, slot.words, client * slot.room, length);
      at += length;
    }
  }
}
