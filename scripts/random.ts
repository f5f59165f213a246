/** Pseudo-random numbers that a seed repeats, for tests and measurements (mulberry32, by Tommy Ettinger). */

/** Whole numbers below 2^32. */
export function randomWords(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Numbers in [0, 1). */
export function randomFractions(seed: number): () => number {
  const next = randomWords(seed);
  return () => next() / 2 ** 32;
}
