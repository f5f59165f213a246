// The servers proposed for one request, best first: as many as the hand-off can name.

/** The longest list that a hand-off takes: more hosts than that are not tried. */
export const MOST_CANDIDATES: i32 = 4;

export class Candidates {
  private servers: StaticArray<i32> = new StaticArray<i32>(MOST_CANDIDATES);
  private wanted: i32 = 1;
  count: i32 = 0;

  /** Empties the list, which then takes up to `wanted` servers. */
  clear(wanted: i32): void {
    this.wanted = wanted;
    this.count = 0;
  }

  get full(): bool {
    return this.count == this.wanted;
  }

  /** How many more it takes. */
  get room(): i32 {
    return this.wanted - this.count;
  }

  /** Appends a server, unless it is there already or the list is full. */
  add(server: i32): void {
    if (this.full || this.includes(server)) return;
    unchecked((this.servers[this.count] = server));
    this.count++;
  }

  /** Drops all but the first. */
  keepFirst(): void {
    this.count = 1;
  }

  includes(server: i32): bool {
    for (let i = 0; i < this.count; i++) if (this.at(i) == server) return true;
    return false;
  }

  at(index: i32): i32 {
    return unchecked(this.servers[index]);
  }
}
