/** Kinds of metric in the order of the ABI's numbers (`proxy_metric_type_t`). */
export const METRIC_KINDS = ["counter", "gauge", "histogram"] as const;
export type MetricKind = (typeof METRIC_KINDS)[number];

/** Upper bounds of a histogram's buckets: Envoy's defaults. */
export const HISTOGRAM_BOUNDS: readonly number[] = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 600000, 1800000, 3600000,
];

/** A counter or a gauge: an unsigned 64-bit number which wraps around, as Envoy's does. */
export class ScalarMetric {
  /** Current value. */
  value = 0n;

  constructor(
    readonly kind: "counter" | "gauge",
    readonly name: string,
  ) {}

  add(delta: bigint): void {
    this.value = BigInt.asUintN(64, this.value + delta);
  }
}

/** What was recorded, by bucket; `buckets[i]` counts values at most `HISTOGRAM_BOUNDS[i]` and above the bound before it. */
export class HistogramMetric {
  readonly kind = "histogram";
  count = 0;
  sum = 0;
  readonly buckets: number[] = HISTOGRAM_BOUNDS.map(() => 0);

  constructor(readonly name: string) {}

  record(value: bigint): void {
    const number = Number(value);
    this.count++;
    this.sum += number;
    const bucket = HISTOGRAM_BOUNDS.findIndex((bound) => number <= bound);
    if (bucket >= 0) this.buckets[bucket]!++;
  }
}

export type Metric = ScalarMetric | HistogramMetric;

/**
 * The metrics that filters define, one set for the process: VMs which define the same name and kind
 * share one value. Names here are the filter's own; Envoy's pages show them as `wasmcustom.NAME`.
 */
export class Metrics {
  readonly #metrics = new Map<string, Metric>();

  /** The metric of that kind and name, created at its first definition. */
  define(kind: MetricKind, name: string): Metric {
    const key = `${kind}\0${name}`;
    let metric = this.#metrics.get(key);
    if (metric === undefined) {
      metric = kind === "histogram" ? new HistogramMetric(name) : new ScalarMetric(kind, name);
      this.#metrics.set(key, metric);
    }
    return metric;
  }

  /** A counter's or gauge's value by the filter's name for it; undefined until it is defined. */
  value(name: string): bigint | undefined {
    const metric = this.#metrics.get(`counter\0${name}`) ?? this.#metrics.get(`gauge\0${name}`);
    return metric instanceof ScalarMetric ? metric.value : undefined;
  }

  /** All metrics, in the order of their definition. */
  all(): IterableIterator<Metric> {
    return this.#metrics.values();
  }
}

/** A metric's name on Envoy's admin pages. */
export function statName(metric: Metric): string {
  return `wasmcustom.${metric.name}`;
}
