import { copyBytes, equalBytes } from "./copy.js";

/** A view for `set` costs about as much as a loop over so many bytes. */
const WORTH_A_VIEW = 512;

/**
 * Shared data without strings: values in arrays of their own, found by the key's bytes. One VM uses
 * it, so a value that was read is never overtaken; CAS numbers are given out as Envoy does.
 */
export class SharedStore {
  #places = new Int32Array(1024);
  readonly #keys: Uint8Array[] = [];
  readonly #values: Uint8Array[] = [];
  readonly #words: Uint32Array[] = [];
  readonly #lengths: number[] = [];
  readonly #cas: number[] = [];
  #nextCas = 1;
  /** Bytes of all values. */
  size = 0;

  get count(): number {
    return this.#keys.length;
  }

  /** Index of the key, or -1. */
  find(bytes: Uint8Array, from: number, length: number): number {
    const mask = this.#places.length - 1;
    for (let place = hash(bytes, from, length) & mask; ; place = (place + 1) & mask) {
      const index = this.#places[place]! - 1;
      if (index < 0 || equalBytes(bytes, from, length, this.#keys[index]!)) return index;
    }
  }

  /** Bytes of the value. */
  length(index: number): number {
    return this.#lengths[index]!;
  }

  /** Writes the value. */
  write(index: number, target: Uint8Array, targetWords: Uint32Array, at: number): void {
    const length = this.#lengths[index]!;
    const value = this.#values[index]!;
    if (length < WORTH_A_VIEW) copyBytes(target, targetWords, at, value, this.#words[index]!, 0, length);
    else target.set(value.length === length ? value : value.subarray(0, length), at);
  }

  cas(index: number): number {
    return this.#cas[index]!;
  }

  /** Stores copies; false if `cas` is neither 0 nor the stored value's. */
  set(
    bytes: Uint8Array,
    words: Uint32Array,
    key: number,
    keySize: number,
    value: number,
    valueSize: number,
    cas: number,
  ): boolean {
    let index = this.find(bytes, key, keySize);
    if (index >= 0 && cas !== 0 && cas !== this.#cas[index]) return false;
    if (index < 0) index = this.#add(bytes.slice(key, key + keySize));
    this.size += valueSize - this.#lengths[index]!;
    this.#lengths[index] = valueSize;
    if (valueSize > this.#values[index]!.length) {
      // Most values that grow grow again.
      this.#words[index] = new Uint32Array((valueSize + (valueSize >>> 2) + 3) >>> 2);
      this.#values[index] = new Uint8Array(this.#words[index]!.buffer);
    }
    const stored = this.#values[index]!;
    if (valueSize < WORTH_A_VIEW) copyBytes(stored, this.#words[index]!, 0, bytes, words, value, valueSize);
    else stored.set(bytes.subarray(value, value + valueSize));
    this.#cas[index] = this.#nextCas++;
    return true;
  }

  #add(key: Uint8Array): number {
    this.#keys.push(key);
    this.#values.push(new Uint8Array(0));
    this.#words.push(new Uint32Array(0));
    this.#lengths.push(0);
    this.#cas.push(0);
    if (this.#keys.length * 2 > this.#places.length) {
      this.#places = new Int32Array(this.#places.length * 2);
      for (let index = 0; index < this.#keys.length; index++) this.#enter(index);
    } else {
      this.#enter(this.#keys.length - 1);
    }
    return this.#keys.length - 1;
  }

  #enter(index: number): void {
    const key = this.#keys[index]!;
    const mask = this.#places.length - 1;
    let place = hash(key, 0, key.length) & mask;
    while (this.#places[place] !== 0) place = (place + 1) & mask;
    this.#places[place] = index + 1;
  }
}

/** FNV-1a of the last bytes, in which keys differ. */
function hash(bytes: Uint8Array, from: number, length: number): number {
  let h = 0x811c9dc5;
  for (let i = Math.max(0, length - 8); i < length; i++) h = Math.imul(h ^ bytes[from + i]!, 0x01000193);
  return h ^ (h >>> 13);
}
