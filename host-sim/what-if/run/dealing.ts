import type { Plan, Population } from "../plan/model.js";

/** How many of a population's requests each Envoy gets: client c is with Envoy c modulo their number. */
export function deal({ clients, envoys }: Plan): number[][] {
  return clients.map((population) => {
    const weights = new Float64Array(envoys);
    for (let client = 0; client < population.count; client++) weights[client % envoys]! += weightOf(population, client);
    return apportion(population.requests, weights);
  });
}

/** How often a client comes, beside the others. */
export function weightOf({ zipf }: Population, client: number): number {
  return zipf === 0 ? 1 : (client + 1) ** -zipf;
}

/** Whole numbers in proportion to weights that add up to the total: the largest remainders are rounded up. */
export function apportion(total: number, weights: Float64Array): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  const exact = Array.from(weights, (weight) => (total * weight) / sum);
  const parts = exact.map(Math.floor);
  const byRemainder = exact.map((_, index) => index).sort((a, b) => (exact[b]! % 1) - (exact[a]! % 1) || a - b);
  const missing = total - parts.reduce((a, b) => a + b, 0);
  for (const index of byRemainder.slice(0, missing)) parts[index]!++;
  return parts;
}
