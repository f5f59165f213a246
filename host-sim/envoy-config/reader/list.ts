import { attempt, type Place, type Reader, Unreadable } from "./place.js";

const COUNTS = {
  "exactly one": [1, 1],
  "at least one": [1, Infinity],
  "at most one": [0, 1],
} as const;

export interface ListRules<T> {
  /** How many items there are; any number unless told. */
  count?: keyof typeof COUNTS;
  /** Envoy takes several, the simulator the first. */
  several?: boolean;
  /** What is distinct among the items, say "listener name", and how it is found. */
  distinct?: Record<string, (item: T) => string | string[]>;
  /** What the last item is, and no other. */
  terminal?: Terminal<T>;
}

interface Terminal<T> {
  what: string;
  is: (item: T) => boolean;
}

interface Item<T> {
  place: Place;
  value: T;
}

/** A reader of a list; an item that is leniently ignored is left out. */
export function list<T>(read: Reader<T>, { count, several, distinct = {}, terminal }: ListRules<T> = {}): Reader<T[]> {
  const [min, max] = count ? COUNTS[count] : [0, Infinity];
  return (at) => {
    const places = at.items();
    const outside = several === true && places.length > max;
    const wrongCount = !outside && (places.length < min || places.length > max);
    const message = `expected ${count} item, found ${places.length}`;
    if (outside) at.outside(message);
    if (wrongCount) at.report(message);
    const results = places.map((place) => ({ place, result: attempt(() => read(place)) }));
    const good = results.flatMap(({ place, result }) => (result.ok ? [{ place, value: result.value }] : []));
    for (const [what, keys] of Object.entries(distinct)) refuseTwins(good, what, keys);
    if (terminal) refuseOtherEnd(good, places.at(-1), terminal);
    if (wrongCount || results.some(({ result }) => !result.ok && !result.ignored)) throw new Unreadable(false);
    if (good.length < min) throw new Unreadable(true);
    return good.map(({ value }) => value);
  };
}

function refuseOtherEnd<T>(items: Item<T>[], last: Place | undefined, { what, is }: Terminal<T>): void {
  for (const { place, value } of items) {
    if (place === last && !is(value)) place.report(`expected ${what} in the last place, found another`);
    if (place !== last && is(value)) place.report(`expected ${what} in the last place only, found others after it`);
  }
}

function refuseTwins<T>(items: Item<T>[], what: string, keys: (item: T) => string | string[]): void {
  const first = new Map<string, Place>();
  for (const { place, value } of items) {
    for (const key of [keys(value)].flat()) {
      const other = first.get(key);
      if (other) place.report(`the ${what} "${key}" is that of ${other.path} too`);
      else first.set(key, place);
    }
  }
}

/** A reader of a protobuf map whose keys are strings. */
export function mapOf<T>(read: Reader<T>): Reader<Record<string, T>> {
  return (at) => Object.fromEntries(at.entries().map(([key, place]) => [key, read(place)]));
}
