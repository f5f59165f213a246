// Points on a ring of 32-bit numbers, each a server's, in order.

export class Points {
  /** The hash in the high, the server in the low 32 bits. */
  private points: StaticArray<u64>;
  count: i32 = 0;

  constructor(capacity: i32) {
    this.points = new StaticArray<u64>(capacity);
  }

  add(hash: u32, server: i32): void {
    this.points[this.count++] = ((<u64>hash) << 32) | (<u64>server);
  }

  hashAt(index: i32): u32 {
    return <u32>(unchecked(this.points[index]) >> 32);
  }

  serverAt(index: i32): i32 {
    return <i32>unchecked(this.points[index]);
  }

  /** Puts the points in the order of their hashes; equal ones stay in the order in which they came. */
  sort(): void {
    // Radix sort, least significant digit first.
    let other = new StaticArray<u64>(this.points.length);
    for (let shift: u64 = 32; shift < 64; shift += 8) {
      this.copySorted(shift, other);
      const sorted = other;
      other = this.points;
      this.points = sorted;
    }
  }

  private copySorted(shift: u64, to: StaticArray<u64>): void {
    const starts = new StaticArray<i32>(257);
    for (let i = 0; i < this.count; i++) starts[this.digitAt(i, shift) + 1]++;
    for (let digit = 1; digit < 256; digit++) starts[digit] += starts[digit - 1];
    for (let i = 0; i < this.count; i++) to[starts[this.digitAt(i, shift)]++] = this.points[i];
  }

  private digitAt(index: i32, shift: u64): i32 {
    return <i32>((this.points[index] >> shift) & 0xff);
  }

  /** Of points in order with the same hash, keeps the first. */
  dropTwins(): void {
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      if (kept == 0 || this.hashAt(i) != this.hashAt(kept - 1)) this.points[kept++] = this.points[i];
    }
    this.count = kept;
  }

  /** Index of the first point at or behind the hash; behind the last one the ring begins again. */
  atOrAfter(hash: u32): i32 {
    let from = 0;
    let to = this.count;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.hashAt(middle) < hash) from = middle + 1;
      else to = middle;
    }
    return from == this.count ? 0 : from;
  }
}
