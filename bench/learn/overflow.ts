/** What docs/learned-sessions.md reckons, to hold what is measured against. */

/** As assembly/learn/bucket.ts has it. */
export const SLOTS = 127;

/** How many sessions fill a table of so many buckets to that share. */
export const sessionsAt = (fill: number, buckets: number) => Math.round(fill * buckets * SLOTS);

/** The share of sessions that find their bucket full: `E[max(X - 127, 0)] / (127 f)`, X ~ Poisson(127 f). */
export function overflow(fill: number): number {
  const mean = fill * SLOTS;
  let probability = Math.exp(-mean);
  let lost = 0;
  for (let k = 1; k < 4 * SLOTS; k++) {
    probability *= mean / k;
    if (k > SLOTS) lost += (k - SLOTS) * probability;
  }
  return lost / mean;
}

/** The share of changes given up that `others` workers overtake after each reading, each in a bucket at random: 8 times in a row. */
export const givenUp = (buckets: number, others: number) => (1 - (1 - 1 / buckets) ** others) ** 8;
