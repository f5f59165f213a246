/** Requests that wait for their responses, which come in the same order; a ring of numbers. */
export class InFlight {
  static readonly FIELDS = 6;
  #ring = new Float64Array(256 * InFlight.FIELDS);
  #first = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** A field of the request that waits for longest. */
  first(field: number): number {
    return this.#ring[this.#first * InFlight.FIELDS + field]!;
  }

  removeFirst(): void {
    this.#first = (this.#first + 1) % (this.#ring.length / InFlight.FIELDS);
    this.#count--;
  }

  add(due: number, client: number, session: number, address: number, asked: number, served: number): void {
    const places = this.#ring.length / InFlight.FIELDS;
    if (this.#count === places) this.#grow(places);
    const at = ((this.#first + this.#count++) % (this.#ring.length / InFlight.FIELDS)) * InFlight.FIELDS;
    this.#ring[at] = due;
    this.#ring[at + 1] = client;
    this.#ring[at + 2] = session;
    this.#ring[at + 3] = address;
    this.#ring[at + 4] = asked;
    this.#ring[at + 5] = served;
  }

  #grow(places: number): void {
    const larger = new Float64Array(places * 2 * InFlight.FIELDS);
    const start = this.#first * InFlight.FIELDS;
    larger.set(this.#ring.subarray(start));
    larger.set(this.#ring.subarray(0, start), this.#ring.length - start);
    this.#ring = larger;
    this.#first = 0;
  }
}
