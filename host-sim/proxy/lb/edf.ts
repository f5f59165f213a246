/**
 * Earliest-deadline-first scheduling: items come up in proportion to their weights, evenly spread
 * (Envoy: `EdfScheduler`).
 */
export class EdfScheduler<T> {
  readonly #heap: { item: T; deadline: number; order: number }[] = [];
  #time = 0;
  #order = 0;

  add(item: T, weight: number): void {
    this.#heap.push({ item, deadline: this.#time + 1 / weight, order: this.#order++ });
    this.#up(this.#heap.length - 1);
  }

  /** Takes the next item and puts it back with the weight that it has by then. */
  pick(weightOf: (item: T) => number): T | undefined {
    const first = this.#heap[0];
    if (first === undefined) return undefined;
    this.#time = first.deadline;
    first.deadline = this.#time + 1 / weightOf(first.item);
    first.order = this.#order++;
    this.#down(0);
    return first.item;
  }

  #before(a: number, b: number): boolean {
    const [left, right] = [this.#heap[a]!, this.#heap[b]!];
    return left.deadline < right.deadline || (left.deadline === right.deadline && left.order < right.order);
  }

  #swap(a: number, b: number): void {
    [this.#heap[a], this.#heap[b]] = [this.#heap[b]!, this.#heap[a]!];
  }

  #up(index: number): void {
    for (let at = index; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#before(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #down(index: number): void {
    for (let at = index; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.#heap.length && this.#before(child, least)) least = child;
      }
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }
}
