import type { Place, Reader } from "./place.js";

/** A string; a number or boolean without quotes is none, as in Envoy. */
export const string: Reader<string> = (at) => {
  const { value, plain } = at.node;
  if (typeof value === "string") return value;
  return plain && value !== null
    ? at.fail(`expected a string, found the ${typeof value} ${plain}: put it in quotes`)
    : at.expected("a string");
};

/** A string that is not empty. */
export const name: Reader<string> = (at) => string(at) || at.expected("a string that is not empty");

export const boolean: Reader<boolean> = (at) => {
  const { value } = at.node;
  return typeof value === "boolean" ? value : at.expected("true or false");
};

/** A number within bounds, as such or (as protobuf's JSON allows) in a string. */
export function number(min: number, max: number): Reader<number> {
  return (at) => {
    const found = numberAt(at);
    return found !== undefined && found >= min && found <= max ? found : at.expected(`a number from ${min} to ${max}`);
  };
}

const UINT32_MAX = 0xffff_ffff;

/** An integer within bounds: a uint32, UInt32Value. */
export function uint(min = 0, max = UINT32_MAX): Reader<number> {
  return (at) => {
    const found = numberAt(at);
    const good = found !== undefined && Number.isInteger(found) && found >= min && found <= max;
    return good ? found : at.expected(`an integer from ${min} to ${max}`);
  };
}

function numberAt({ node: { value } }: Place): number | undefined {
  if (typeof value === "string")
    return /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(value) ? Number(value) : undefined;
  return typeof value === "number" ? value : undefined;
}

/** A google.protobuf.Duration in milliseconds: not negative, with at most nine decimals, such as "0.25s". */
export const duration: Reader<number> = (at) => {
  const [, seconds] = /^(\d+(?:\.\d{1,9})?)s$/.exec(String(at.node.value)) ?? [];
  return seconds ? Number(seconds) * 1000 : at.expected('a duration in seconds, such as "0.25s"');
};

/** A duration of more than 0s. */
export const positiveDuration: Reader<number> = (at) => duration(at) || at.expected("a duration of more than 0s");

/** An enum: what the names in the table stand for; `others` are names that Envoy knows besides, outside the subset. */
export function choice<T>(table: Record<string, T>, others: string[] = []): Reader<T> {
  const names = Object.keys(table);
  const expected = `${names.length > 1 ? "one of " : ""}${names.join(", ")}`;
  return (at) => {
    const found = string(at);
    if (Object.hasOwn(table, found)) return table[found] as T;
    return others.includes(found) ? at.expectedHere(expected) : at.expected(expected);
  };
}

/** An enum whose names stand for themselves. */
export function oneOf<const N extends string>(...names: N[]): Reader<N> {
  return choice(standing(names));
}

/** The same, of which Envoy knows others too. */
export function someOf<const N extends string>(names: N[], others: string[]): Reader<N> {
  return choice(standing(names), others);
}

const standing = <N extends string>(names: N[]) =>
  Object.fromEntries(names.map((name) => [name, name])) as Record<string, N>;

/** The name of a header, in lower case. */
export const headerName: Reader<string> = (at) => {
  const found = string(at);
  return /^:?[!#$%&'*+.^_`|~0-9a-z-]+$/i.test(found) ? found.toLowerCase() : at.expected("the name of a header");
};

/**
 * An RE2 expression; refused is what RE2 has not (lookaround, back references) and what JavaScript
 * has not ((?i), \\A, [[:alpha:]], ...).
 */
export const regex: Reader<RegExp> = (at) => {
  const pattern = string(at);
  if (/\(\?<?[=!]|\\[1-9]|\\k</.test(pattern))
    return at.expected("an expression without lookaround and back references, as RE2");
  try {
    return new RegExp(pattern, "u");
  } catch (error) {
    const reason = (error as Error).message.split(": ").at(-1);
    return at.expected(`an RE2 expression that JavaScript reads too (${reason})`);
  }
};

/** An expression that a whole text must match. */
export const wholeRegex: Reader<RegExp> = (at) => new RegExp(`^(?:${regex(at).source})$`, "u");
