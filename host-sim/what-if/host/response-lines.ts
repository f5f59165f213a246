import { ascii, copyBytes, wordsOf } from "./copy.js";
import type { Jar } from "./jar.js";
import { SESSION_ID_LENGTH } from "./request-block.js";
import { writeSessionId } from "./session-id.js";

const STATUS = ascii(":status\x00200\0");
const STATUS_WORDS = wordsOf(STATUS);
const NAME = ascii("set-cookie\0");
const NAME_WORDS = wordsOf(NAME);
const MOST_LINES = 16;

/**
 * The Set-Cookie lines of the response at hand. The application's stands in a buffer of its own; the
 * filter's stay where the filter has them, since they live as long as the callback.
 */
export class ResponseLines {
  count = 0;
  /** Where each stands in the filter's memory; 0: the application's. */
  readonly #at = new Uint32Array(MOST_LINES);
  readonly #sizes = new Uint32Array(MOST_LINES);
  readonly #own: Uint8Array;
  readonly #ownWords: Uint32Array;
  readonly #ownSize: number;
  readonly #idAt: number;

  constructor(cookie: string | undefined) {
    const line = `${cookie}=${"0".repeat(SESSION_ID_LENGTH)}; Path=/; HttpOnly`;
    this.#ownSize = line.length;
    this.#idAt = line.indexOf("=") + 1;
    this.#own = ascii(line);
    this.#ownWords = wordsOf(this.#own);
  }

  /** The response before the filter sees it: with the application's cookie, or without one. */
  begin(withCookie: boolean, client: number, session: number): void {
    this.count = 0;
    if (!withCookie) return;
    writeSessionId(this.#own, this.#idAt, client, session);
    this.add(0, this.#ownSize);
  }

  clear(): void {
    this.count = 0;
  }

  add(at: number, size: number): void {
    this.#at[this.count] = at;
    this.#sizes[this.count++] = size;
  }

  get firstSize(): number {
    return this.#sizes[0]!;
  }

  writeFirst(memory: Uint8Array, words: Uint32Array, to: number): void {
    this.#write(0, memory, words, to);
  }

  /** The size of the whole header map, serialised. */
  get pairsSize(): number {
    let size = 4 + 8 + STATUS.length;
    for (let i = 0; i < this.count; i++) size += 8 + NAME.length + this.#sizes[i]! + 1;
    return size;
  }

  /** Writes the header map: the status, then the lines. */
  writePairs(memory: Uint8Array, words: Uint32Array, to: number): void {
    const sizes = to >>> 2;
    words[sizes] = this.count + 1;
    words[sizes + 1] = 7;
    words[sizes + 2] = 3;
    let at = to + 12 + this.count * 8;
    copyBytes(memory, words, at, STATUS, STATUS_WORDS, 0, STATUS.length);
    at += STATUS.length;
    for (let i = 0; i < this.count; i++) {
      words[sizes + 3 + i * 2] = NAME.length - 1;
      words[sizes + 4 + i * 2] = this.#sizes[i]!;
      copyBytes(memory, words, at, NAME, NAME_WORDS, 0, NAME.length);
      this.#write(i, memory, words, at + NAME.length);
      at += NAME.length + this.#sizes[i]!;
      memory[at++] = 0;
    }
  }

  /** Puts the cookies into the client's jar. */
  keep(jar: Jar, client: number, memory: Uint8Array, words: Uint32Array): void {
    for (let i = 0; i < this.count; i++) {
      const at = this.#at[i]!;
      if (at === 0) jar.store(client, this.#own, this.#ownWords, 0, this.#sizes[i]!);
      else jar.store(client, memory, words, at, this.#sizes[i]!);
    }
  }

  #write(line: number, memory: Uint8Array, words: Uint32Array, to: number): void {
    const from = this.#at[line]!;
    if (from === 0) copyBytes(memory, words, to, this.#own, this.#ownWords, 0, this.#ownSize);
    else copyBytes(memory, words, to, memory, words, from, this.#sizes[line]!);
  }
}
