import { copyBytes, equalBytes } from "./copy.js";

const EQUALS = 0x3d;
const SEMICOLON = 0x3b;
const SPACE = 0x20;
/** Bytes of a client's place at first, with the length before the cookie: enough for `SERVERID=S1`. */
const FIRST_ROOM = 16;
const HEAD = 4;

/** How often a cookie was set, and the bytes of all its Set-Cookie values and of all its `name=value`. */
export interface CookieCount {
  name: string;
  set: number;
  setBytes: number;
  pairBytes: number;
}

/** One cookie's `name=value` of every client behind its length, each in as much room as the longest needs. */
class Slot {
  room = FIRST_ROOM;
  bytes: Uint8Array;
  words: Uint32Array;
  set = 0;
  setBytes = 0;
  pairBytes = 0;

  constructor(
    readonly name: Uint8Array,
    private readonly clients: number,
  ) {
    this.words = new Uint32Array((clients * this.room) >>> 2);
    this.bytes = new Uint8Array(this.words.buffer);
  }

  /** The cookie's length; 0: the client has none. */
  length(client: number): number {
    return this.words[(client * this.room) >>> 2]!;
  }

  put(client: number, bytes: Uint8Array, words: Uint32Array, from: number, length: number): void {
    if (HEAD + length > this.room) this.#widen(HEAD + length);
    const at = client * this.room;
    this.words[at >>> 2] = length;
    copyBytes(this.bytes, this.words, at + HEAD, bytes, words, from, length);
  }

  clear(client: number): void {
    this.words[(client * this.room) >>> 2] = 0;
  }

  #widen(most: number): void {
    const before = this.room;
    const old = this.bytes;
    while (this.room < most) this.room += 8;
    this.words = new Uint32Array((this.clients * this.room) >>> 2);
    this.bytes = new Uint8Array(this.words.buffer);
    for (let client = 0; client < this.clients; client++) {
      this.bytes.set(old.subarray(client * before, (client + 1) * before), client * this.room);
    }
  }
}

/**
 * The cookies of all clients, as bytes in a few large arrays. Attributes are not looked at: a session
 * is shorter than its cookies last, and begins with an empty jar.
 */
export class Jar {
  readonly #slots: Slot[] = [];
  #asked: Slot | undefined;

  constructor(private readonly clients: number) {}

  /** Keeps the cookie of a Set-Cookie value, which stands in `bytes`. */
  store(client: number, bytes: Uint8Array, words: Uint32Array, from: number, length: number): void {
    let end = 0;
    while (end < length && bytes[from + end] !== SEMICOLON) end++;
    const slot = this.#slotOf(bytes, from, end);
    slot.put(client, bytes, words, from, end);
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
    for (let i = 0; i < this.#slots.length; i++) this.#slots[i]!.clear(client);
  }

  /** True if the client has a cookie of that name; asked for one name only. */
  has(client: number, name: Uint8Array): boolean {
    this.#asked ??= this.#slots.find((slot) => equalBytes(slot.name, 0, slot.name.length, name));
    return this.#asked !== undefined && this.#asked.length(client) > 0;
  }

  /** Length of the client's Cookie line; 0 without cookies. */
  lineLength(client: number): number {
    let length = 0;
    for (let i = 0; i < this.#slots.length; i++) {
      const own = this.#slots[i]!.length(client);
      if (own > 0) length += own + (length > 0 ? 2 : 0);
    }
    return length;
  }

  /** Writes the client's Cookie line. */
  writeLine(client: number, target: Uint8Array, targetWords: Uint32Array, at: number): void {
    let first = true;
    for (let i = 0; i < this.#slots.length; i++) {
      const slot = this.#slots[i]!;
      const length = slot.length(client);
      if (length === 0) continue;
      if (!first) {
        target[at++] = SEMICOLON;
        target[at++] = SPACE;
      }
      first = false;
      copyBytes(target, targetWords, at, slot.bytes, slot.words, client * slot.room + HEAD, length);
      at += length;
    }
  }
}
