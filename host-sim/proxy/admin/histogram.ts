import { HISTOGRAM_BOUNDS, type HistogramMetric } from "../../wasm-host/index.js";

const QUANTILES = [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 100];

/** The quantiles of all that was recorded, each as the upper bound of its bucket. */
export function formatHistogram(metric: HistogramMetric): string {
  if (metric.count === 0) return "No recorded values";
  return QUANTILES.map((percent) => `P${percent}(nan,${quantile(metric, percent)})`).join(" ");
}

function quantile({ buckets, count }: HistogramMetric, percent: number): number {
  let below = 0;
  for (const [index, bucket] of buckets.entries()) {
    below += bucket;
    if (bucket > 0 && below >= (count * percent) / 100) return HISTOGRAM_BOUNDS[index]!;
  }
  return HISTOGRAM_BOUNDS.at(-1)!;
}
