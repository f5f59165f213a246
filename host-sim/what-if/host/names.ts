import { ascii } from "./copy.js";

/**
 * The servers' addresses as the filter writes and reads them: from its bytes to a server's index
 * without a string, by open addressing over FNV-1a.
 */
export class Names {
  readonly #names: Uint8Array[];
  readonly #places: Int32Array;
  readonly #mask: number;

  constructor(names: string[]) {
    this.#names = names.map(ascii);
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
  find(bytes: Uint8Array, from: number, length: number): number {
    for (let place = hash(bytes, from, length) & this.#mask; ; place = (place + 1) & this.#mask) {
      const index = this.#places[place]! - 1;
      if (index < 0) return -1;
      const name = this.#names[index]!;
      if (name.length !== length) continue;
      let same = 0;
      while (same < length && bytes[from + same] === name[same]) same++;
      if (same === length) return index;
    }
  }

  length(index: number): number {
    return this.#names[index]!.length;
  }

  write(index: number, target: Uint8Array, at: number): void {
    const name = this.#names[index]!;
    for (let i = 0; i < name.length; i++) target[at + i] = name[i]!;
  }
}

/** Of the last bytes, in which addresses differ. */
function hash(bytes: Uint8Array, from: number, length: number): number {
  let h = 0x811c9dc5;
  for (let i = Math.max(0, length - 12); i < length; i++) h = Math.imul(h ^ bytes[from + i]!, 0x01000193);
  return h ^ (h >>> 15);
}
