/**
 * Random numbers that are the same on every machine: xoshiro128** (Blackman and Vigna 2018), seeded by
 * SplitMix32. Integers only, so no rounding differs.
 */
export class Random {
  readonly #state = new Uint32Array(4);

  /** `stream` tells generators of one seed apart. */
  constructor(seed: number, stream: number) {
    let x = (mix32(seed >>> 0) ^ mix32(stream + 0x9e3779b9)) >>> 0;
    for (let i = 0; i < 4; i++) {
      x = (x + 0x9e3779b9) >>> 0;
      this.#state[i] = mix32(x);
    }
  }

  /** 32 random bits. */
  next(): number {
    const s = this.#state;
    const s1 = s[1]!;
    const product = Math.imul(s1, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    s[2]! ^= s[0]!;
    s[3]! ^= s1;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= s1 << 9;
    s[3] = (s[3]! << 11) | (s[3]! >>> 21);
    return result;
  }

  /** A number in [0, 1). */
  fraction(): number {
    return this.next() / 4294967296;
  }

  /** An integer in [0, below). */
  below(below: number): number {
    return Math.floor(this.fraction() * below);
  }
}

/** Murmur3's finaliser: a bijection of 32-bit numbers (Appleby). */
export function mix32(n: number): number {
  n = Math.imul(n ^ (n >>> 16), 0x85ebca6b);
  n = Math.imul(n ^ (n >>> 13), 0xc2b2ae35);
  return (n ^ (n >>> 16)) >>> 0;
}

/** Draws from n items by weight, in constant time (Walker 1977, Vose 1991: the alias method). */
export class WeightedChoice {
  readonly #keep: Float64Array;
  readonly #alias: Uint32Array;

  constructor(weights: Float64Array) {
    const n = weights.length;
    const mean = weights.reduce((sum, weight) => sum + weight, 0) / n;
    this.#keep = weights.map((weight) => weight / mean);
    this.#alias = new Uint32Array(n);
    const small: number[] = [];
    const large: number[] = [];
    for (let i = 0; i < n; i++) (this.#keep[i]! < 1 ? small : large).push(i);
    while (small.length > 0 && large.length > 0) {
      const less = small.pop()!;
      const more = large.at(-1)!;
      this.#alias[less] = more;
      this.#keep[more]! -= 1 - this.#keep[less]!;
      if (this.#keep[more]! < 1) small.push(large.pop()!);
    }
    // What rounding left over.
    for (const i of [...small, ...large]) this.#keep[i] = 1;
  }

  draw(random: Random): number {
    const i = random.below(this.#keep.length);
    return random.fraction() < this.#keep[i]! ? i : this.#alias[i]!;
  }
}
