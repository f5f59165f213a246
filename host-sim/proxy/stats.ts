/** A number that only grows. */
export class Counter {
  value = 0;

  inc(by = 1): void {
    this.value += by;
  }
}

/** A number that goes up and down. */
export class Gauge {
  value = 0;

  add(delta: number): void {
    this.value += delta;
  }

  set(value: number): void {
    this.value = value;
  }
}

/** One row of the stats page. */
export interface Stat {
  name: string;
  kind: "counter" | "gauge";
  value: number;
}

/** Counters and gauges by Envoy's dotted names, one registry for the process. */
export class Stats {
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();

  counter(name: string): Counter {
    return entry(this.#counters, name, () => new Counter());
  }

  gauge(name: string): Gauge {
    return entry(this.#gauges, name, () => new Gauge());
  }

  /** Everything, sorted by name. */
  all(): Stat[] {
    const counters = [...this.#counters].map(([name, { value }]): Stat => ({ name, kind: "counter", value }));
    const gauges = [...this.#gauges].map(([name, { value }]): Stat => ({ name, kind: "gauge", value }));
    return [...counters, ...gauges].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Forgets every stat below a prefix (of a cluster that is gone). */
  removeBelow(prefix: string): void {
    for (const map of [this.#counters, this.#gauges]) {
      for (const name of map.keys()) if (name.startsWith(prefix)) map.delete(name);
    }
  }
}

function entry<T>(map: Map<string, T>, name: string, create: () => T): T {
  let value = map.get(name);
  if (value === undefined) {
    value = create();
    map.set(name, value);
  }
  return value;
}
