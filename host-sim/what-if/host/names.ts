import { ascii, copyBytes, wordsOf } from "./copy.js";

/** Places that are guessed at first; a power of two. */
const GUESSES = 256;

/**
 * Names as the filter writes and reads them (headers, attributes, servers' addresses): from bytes to an
 * index without a string. The filter has a name at the same place nearly always, so what stood there last
 * is tried first; else open addressing over FNV-1a finds it.
 */
export class Names {
  readonly #names: Uint8Array[];
  readonly #words: Uint32Array[];
  readonly #places: Int32Array;
  readonly #mask: number;
  /** Index + 1 of the name that was found in such a place. */
  readonly #guesses = new Int32Array(GUESSES);

  constructor(names: string[]) {
    this.#names = names.map(ascii);
    this.#words = this.#names.map(wordsOf);
    let size = 4;
    while (size < names.length * 4) size *= 2;
    this.#places = new Int32Array(size);
    this.#mask = size - 1;
    for (const [index, name] of this.#names.entries()) {
      let place = hash(name, 0, name.length) & this.#mask;
      while (this.#places[place] !== 0) place = (place + 1) & this.#mask;
      this.#places[place] = index + 1;
    }
  }

  /** Index of the name that stands there, or -1. */
  find(bytes: Uint8Array, words: Uint32Array, from: number, length: number): number {
    const guess = (from >>> 2) & (GUESSES - 1);
    const guessed = this.#guesses[guess]! - 1;
    if (guessed >= 0 && this.#is(guessed, bytes, words, from, length)) return guessed;
    for (let place = hash(bytes, from, length) & this.#mask; ; place = (place + 1) & this.#mask) {
      const index = this.#places[place]! - 1;
      if (index < 0) return -1;
      if (!this.#is(index, bytes, words, from, length)) continue;
      this.#guesses[guess] = index + 1;
      return index;
    }
  }

  length(index: number): number {
    return this.#names[index]!.length;
  }

  write(index: number, target: Uint8Array, targetWords: Uint32Array, at: number): void {
    const name = this.#names[index]!;
    copyBytes(target, targetWords, at, name, this.#words[index]!, 0, name.length);
  }

  #is(index: number, bytes: Uint8Array, words: Uint32Array, from: number, length: number): boolean {
    const name = this.#names[index]!;
    if (name.length !== length) return false;
    let i = 0;
    if ((from & 3) === 0) {
      const own = this.#words[index]!;
      const start = from >>> 2;
      const whole = length >>> 2;
      for (let word = 0; word < whole; word++) if (words[start + word] !== own[word]) return false;
      i = whole << 2;
    }
    for (; i < length; i++) if (bytes[from + i] !== name[i]) return false;
    return true;
  }
}

/** Of the last bytes, in which addresses differ. */
function hash(bytes: Uint8Array, from: number, length: number): number {
  let h = 0x811c9dc5;
  for (let i = Math.max(0, length - 12); i < length; i++) h = Math.imul(h ^ bytes[from + i]!, 0x01000193);
  return h ^ (h >>> 15);
}
