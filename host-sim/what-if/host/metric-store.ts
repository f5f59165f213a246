const COUNTER = 0;
/** A policy has fewer than so many metrics for each of its servers and rules. */
const FIRST_ROOM = 256;

/** The filter's counters and gauges, as numbers. */
export class MetricStore {
  readonly #names: { kind: number; name: string }[] = [];
  #values = new BigInt64Array(FIRST_ROOM);

  /** The number of the metric of that kind and name. */
  define(kind: number, name: string): number {
    const known = this.#names.findIndex((metric) => metric.kind === kind && metric.name === name);
    if (known >= 0) return known;
    if (this.#names.length === this.#values.length) {
      const larger = new BigInt64Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    return this.#names.push({ kind, name }) - 1;
  }

  /** The offset comes as 64 bits, which an array of such adds without making an object of them. */
  increment(id: number, offset: bigint): void {
    this.#values[id]! += offset;
  }

  set(id: number, value: bigint): void {
    this.#values[id] = value;
  }

  /** Writes a value's 64 bits. */
  read(id: number, words: Uint32Array, at: number): void {
    const value = Number(this.#values[id]!);
    words[at] = value;
    words[at + 1] = Math.floor(value / 4294967296);
  }

  /** The counters by the last part of their names, those of all rules together. */
  counters(): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const [id, { kind, name }] of this.#names.entries()) {
      const word = name.slice(name.lastIndexOf(".") + 1);
      const value = Number(this.#values[id]!);
      if (kind === COUNTER && value > 0) sums[word] = (sums[word] ?? 0) + value;
    }
    return sums;
  }
}
