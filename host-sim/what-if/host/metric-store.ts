const COUNTER = 0;

/** The filter's counters and gauges, as numbers. */
export class MetricStore {
  readonly #names: { kind: number; name: string }[] = [];
  readonly #values: number[] = [];

  /** The number of the metric of that kind and name. */
  define(kind: number, name: string): number {
    const known = this.#names.findIndex((metric) => metric.kind === kind && metric.name === name);
    if (known >= 0) return known;
    this.#names.push({ kind, name });
    return this.#values.push(0) - 1;
  }

  /** The host call; the offset comes as 64 bits. */
  readonly increment = (id: number, offset: bigint): number => {
    this.#values[id]! += Number(offset);
    return 0;
  };

  /** Writes a value's 64 bits. */
  read(id: number, words: Uint32Array, at: number): void {
    const value = this.#values[id]!;
    words[at] = value;
    words[at + 1] = Math.floor(value / 4294967296);
  }

  /** The counters by the last part of their names, those of all rules together. */
  counters(): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const [id, { kind, name }] of this.#names.entries()) {
      const word = name.slice(name.lastIndexOf(".") + 1);
      if (kind === COUNTER && this.#values[id]! > 0) sums[word] = (sums[word] ?? 0) + this.#values[id]!;
    }
    return sums;
  }
}
