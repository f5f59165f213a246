import { type ListRules, list } from "./list.js";
import { didYouMean, jsonName, nearest } from "./names.js";
import { attempt, type Place, type Reader, Unreadable } from "./place.js";

/** A field of a protobuf message. */
export interface Field<T> {
  read: Reader<T>;
  /** What an absent field stands for; undefined: the field is required. */
  absent: (() => T) | undefined;
}

export const required = <T>(read: Reader<T>): Field<T> => ({ read, absent: undefined });

export function optional<T>(read: Reader<T>): Field<T | undefined>;
export function optional<T>(read: Reader<T>, absent: T): Field<T>;
export function optional<T>(read: Reader<T>, absent?: T): Field<T | undefined> {
  return { read, absent: () => absent };
}

export const repeated = <T>(read: Reader<T>, rules?: ListRules<T>): Field<T[]> => ({
  read: list(read, rules),
  absent: rules?.count && rules.count !== "at most one" ? undefined : () => [],
});

// biome-ignore lint/suspicious/noExplicitAny: a record of fields of any types
type Fields = Record<string, Field<any>>;
type Camel<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S;
/** What a message's fields hold, by their names in camel case. */
export type Values<F extends Fields> = {
  [K in keyof F & string as Camel<K>]: F[K] extends Field<infer T> ? T : never;
};

/**
 * A reader of a protobuf message: `fields` by their protobuf names, all problems noted, no field
 * unread. `build` makes something of the values, and checks what concerns more than one field.
 */
export function message<F extends Fields>(fields: F): Reader<Values<F>>;
export function message<F extends Fields, T>(fields: F, build: (values: Values<F>, at: Place) => T): Reader<T>;
export function message<F extends Fields>(fields: F, build?: (values: Values<F>, at: Place) => unknown) {
  const names = new Map(Object.keys(fields).flatMap((name) => [name, jsonName(name)].map((key) => [key, name])));
  return (at: Place) => {
    const meant = refuseUnknown(at, names);
    const values: Record<string, unknown> = {};
    const lost: { ignored: boolean }[] = [];
    for (const [name, field] of Object.entries(fields)) {
      const place = at.field(name);
      const result = place && attempt(() => field.read(place));
      if (result?.ok) values[jsonName(name)] = result.value;
      else if (field.absent && result?.ignored !== false) values[jsonName(name)] = field.absent();
      else {
        if (!result && !meant.includes(name)) at.report(`expected a field ${name}, found none`);
        lost.push(result ?? { ignored: false });
      }
    }
    if (lost.length > 0) throw new Unreadable(lost.every(({ ignored }) => ignored));
    return build ? build(values as Values<F>, at) : values;
  };
}

/**
 * Notes fields that are not in the subset, or given under both of their names.
 * @returns the fields that a refused one perhaps meant: they need not be missed as well
 */
function refuseUnknown(at: Place, names: Map<string, string>): (string | undefined)[] {
  const known = [...new Set(names.values())];
  const given = new Set<string>();
  const meant: (string | undefined)[] = [];
  for (const [key, , offset] of at.entries()) {
    if (at.inAny && key === "@type") continue;
    const name = names.get(key);
    if (name === undefined) {
      at.outside(`"${key}" is no field that the simulator knows here${didYouMean(key, known)}`, offset);
      if (!at.reading.lenient) meant.push(nearest(key, known));
    } else if (given.has(name)) {
      at.report(`expected ${name} or ${jsonName(name)}, which are one field; found both`, offset);
    } else given.add(name);
  }
  return meant;
}

/** Notes a problem unless exactly one of the fields (a protobuf `oneof`) is given. */
export function exactlyOne(at: Place, ...names: string[]): void {
  if (!names.some((name) => at.field(name))) at.report(`expected one of ${names.join(", ")}, found none`);
  atMostOne(at, ...names);
}

/** Notes a problem if more than one of the fields is given. */
export function atMostOne(at: Place, ...names: string[]): void {
  const given = names.filter((name) => at.field(name));
  if (given.length > 1) at.report(`expected one of ${names.join(", ")}, found ${given.join(" and ")}`);
}
