/** What many short rounds say together. */

/** The value at a share of the sorted values, 0.5 for the median; between two values the mean by distance. */
export function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

export const median = (values: number[]) => quantile(values, 0.5);

/**
 * The interval in which the true median lies with 95 % confidence: two order statistics, by the
 * binomial distribution (normal approximation), so nothing is assumed of how the noise is distributed.
 */
export function medianInterval(values: number[]): [number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const half = 0.98 * Math.sqrt(sorted.length);
  const low = Math.max(0, Math.floor(sorted.length / 2 - half));
  const high = Math.min(sorted.length - 1, Math.ceil(sorted.length / 2 + half));
  return [sorted[low] ?? Number.NaN, sorted[high] ?? Number.NaN];
}

const RESAMPLED = 500;

/**
 * The interval in which a figure of `count` observations lies with 95 % confidence (Efron's percentile bootstrap):
 * `figure` is asked of as many, picked at random with repetition, again and again. `random` as Math.random.
 */
export function bootstrapInterval(
  count: number,
  figure: (picked: number[]) => number,
  random: () => number,
): [number, number] {
  const figures = Array.from({ length: RESAMPLED }, () =>
    figure(Array.from({ length: count }, () => Math.floor(random() * count))),
  );
  return [quantile(figures, 0.025), quantile(figures, 0.975)];
}

/** The numbers 0 to count-1 in a random order (Fisher and Yates). `random` as Math.random. */
export function shuffled(count: number, random: () => number): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}
