// What the store did not know a moment ago: a client that repeats a made-up id does not ask it each time.

/** A power of two; a newer answer takes an older one's place. */
const PLACES: i32 = 1024;

export class Absent {
  /** The low half of an address, then until when it counts as absent. */
  private places: StaticArray<u64> = new StaticArray<u64>(2 * PLACES);

  add(low: u64, high: u64, until: u64): void {
    const place = placeOf(high);
    unchecked((this.places[place] = low));
    unchecked((this.places[place + 1] = until));
  }

  has(low: u64, high: u64, now: u64): bool {
    const place = placeOf(high);
    return unchecked(this.places[place]) == low && unchecked(this.places[place + 1]) > now;
  }
}

function placeOf(high: u64): i32 {
  return 2 * ((<i32>high) & (PLACES - 1));
}
