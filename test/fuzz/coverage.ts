/** Which places of the code were passed, and how often, over all inputs of a target (AFL's buckets: 1, 2, 3, 4, 8, 16, 32, 128 times). */

const BUCKETS = Uint8Array.from({ length: 256 }, (_, count) => {
  const from = [1, 2, 3, 4, 8, 16, 32, 128];
  const bucket = from.filter((least) => count >= least).length;
  return bucket === 0 ? 0 : 1 << (bucket - 1);
});

export class Coverage {
  readonly #seen: Uint8Array;

  constructor(counters: number) {
    this.#seen = new Uint8Array(counters);
  }

  /** Takes an input's counters in. @returns whether there is anything new in them */
  add(counters: Uint8Array): boolean {
    let news = false;
    const seen = this.#seen;
    // Most are 0: four are looked at at once.
    const words = new Uint32Array(counters.buffer, counters.byteOffset, counters.length >> 2);
    for (let i = 0; i < counters.length; i++) {
      while ((i & 3) === 0 && words[i >> 2] === 0) i += 4;
      const count = counters[i] ?? 0;
      if (count === 0) continue;
      const bucket = BUCKETS[count]!;
      if ((seen[i]! & bucket) !== 0) continue;
      seen[i]! |= bucket;
      news = true;
    }
    return news;
  }

  /** How many places were passed at all. */
  get places(): number {
    return this.#seen.reduce((sum, buckets) => sum + (buckets === 0 ? 0 : 1), 0);
  }
}
