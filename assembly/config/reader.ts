// Reads a tree of values by name and type. What is wrong is noted with its path, what was expected
// and what was found; reading goes on, so that one look at the log tells everything.
import { Text } from "../abi/slice";
import { parseJson } from "./json";
import { isToken } from "./token";
import { Kind, Value, quote } from "./value";

/** The complaints about one configuration. */
export class Problems {
  lines: Array<string> = [];

  add(path: string, message: string): void {
    this.lines.push(path.length > 0 ? `${path}: ${message}` : message);
  }

  get any(): bool {
    return this.lines.length > 0;
  }
}

/** One place in the configuration: a path, and the value there (null: absent). */
export class Field {
  constructor(
    /** The path of the object or list that it is in; its own if it has neither name nor index. */
    private holder: string,
    readonly value: Value | null,
    readonly problems: Problems,
    readonly name: string = "",
    private index: i32 = -1,
  ) {}

  /** Written out only when it is needed: a long list of servers has thousands of fields. */
  get path(): string {
    if (this.index >= 0) return `${this.holder}[${this.index}]`;
    return this.name.length > 0 ? memberPath(this.holder, this.name) : this.holder;
  }

  get present(): bool {
    return this.value !== null;
  }

  /** Notes that another thing was expected here. */
  expected(what: string): void {
    const value = this.value;
    this.problems.add(
      this.path,
      value === null ? `expected ${what}; it is missing` : `expected ${what}; got ${value.describe()}`,
    );
  }

  /** Text that is not empty; `fallback` stands for an absent one, null makes it required (empty then, with a complaint). */
  text(fallback: string | null = null): string {
    const value = this.value;
    if (value !== null && value.kind == Kind.Text && value.text.length > 0) return value.text;
    if (value !== null || fallback === null) this.expected("text");
    return fallback === null ? "" : fallback;
  }

  boolean(fallback: bool): bool {
    const value = this.value;
    if (value === null) return fallback;
    if (value.kind == Kind.Boolean) return value.boolean;
    this.expected("true or false");
    return fallback;
  }

  /** A whole number from `least` to `most`. */
  integer(least: i32, most: i32, fallback: i32): i32 {
    const value = this.value;
    if (value === null) return fallback;
    const number = numberIn(value);
    if (number == Math.floor(number) && number >= <f64>least && number <= <f64>most) return <i32>number;
    this.expected(`a whole number from ${least} to ${most}`);
    return fallback;
  }

  /** A number from `least` to `most`. */
  number(least: i32, most: i32, fallback: f64): f64 {
    const value = this.value;
    if (value === null) return fallback;
    const number = numberIn(value);
    if (number >= <f64>least && number <= <f64>most) return number;
    this.expected(`a number from ${least} to ${most}`);
    return fallback;
  }

  /** One of the words; its index in `words`. */
  oneOf(words: string[], fallback: i32): i32 {
    const value = this.value;
    if (value === null && fallback >= 0) return fallback;
    if (value !== null) {
      // YAML reads an unquoted true or false as a boolean: it is that word all the same.
      const word = value.kind == Kind.Boolean ? (value.boolean ? "true" : "false") : value.text;
      const index = words.indexOf(word);
      if (index >= 0) return index;
    }
    this.expected(`one of ${words.join(", ")}`);
    return max(fallback, 0);
  }

  /** A duration such as 90s, 30m, 8h or 2d, in seconds; `fallback` if absent. */
  seconds(fallback: i64): i64 {
    const value = this.value;
    if (value === null) return fallback;
    const milliseconds = value.kind == Kind.Text ? parseDuration(value.text) : -1;
    if (milliseconds >= 0 && !value.text.endsWith("ms")) return milliseconds / 1000;
    this.expected("a duration such as 90s, 30m, 8h or 2d");
    return fallback;
  }

  /** A short duration such as 50ms or 2s, in milliseconds, not 0. */
  milliseconds(most: i32, fallback: i32): i32 {
    const value = this.value;
    if (value === null) return fallback;
    const milliseconds = value.kind == Kind.Text ? parseDuration(value.text) : 0;
    if (milliseconds > 0 && milliseconds <= most) return <i32>milliseconds;
    this.expected(`a duration such as 50ms or 2s, of at most ${most / 1000}s`);
    return fallback;
  }

  /** The elements, each with its own path; an absent list has none. */
  list(): Array<Field> {
    const fields = new Array<Field>();
    const value = this.value;
    if (value === null) return fields;
    if (value.kind != Kind.List) {
      this.expected("a list");
      return fields;
    }
    const path = this.path;
    for (let i = 0; i < value.items.length; i++) fields.push(new Field(path, value.items[i], this.problems, "", i));
    return fields;
  }

  /** The elements of a list that must have some; `what` names one of them. */
  some(what: string): Array<Field> {
    const fields = this.list();
    const value = this.value;
    if (fields.length == 0 && (value === null || value.kind == Kind.List)) {
      this.expected(`a list of at least one ${what}`);
    }
    return fields;
  }

  /** The members of an object that must have some; `what` names one of them. */
  members(what: string): Array<Field> {
    const fields = new Array<Field>();
    const value = this.value;
    if (value === null || value.kind != Kind.Object || value.keys.length == 0) {
      this.expected(`an object with at least one ${what}`);
      return fields;
    }
    const names = sorted(value.keys);
    const path = this.path;
    for (let i = 0; i < names.length; i++) {
      fields.push(new Field(path, value.get(names[i]), this.problems, names[i]));
    }
    return fields;
  }

  /** The elements of a list, where one alone stands for a list of one. */
  oneOrMore(): Array<Field> {
    const value = this.value;
    return value !== null && value.kind != Kind.List ? [this] : this.list();
  }

  /** A list of texts, where one text alone stands for a list of one. */
  texts(): Array<string> {
    const texts = new Array<string>();
    const fields = this.oneOrMore();
    for (let i = 0; i < fields.length; i++) texts.push(fields[i].text());
    return texts;
  }

  /** The fields of an object; an absent one is read as empty. Call `end` when all were taken. */
  object(): Fields {
    const value = this.value;
    if (value === null) return new Fields(this.path, new Value(Kind.Object), this.problems);
    if (value.kind == Kind.Object) return new Fields(this.path, value, this.problems);
    this.expected("an object");
    // What such an object lacks is not worth a complaint each.
    return new Fields(this.path, new Value(Kind.Object), new Problems());
  }
}

/** An object's fields; each name that was taken is known, every other one is a mistake. */
export class Fields {
  private known: Array<string> = [];

  constructor(
    private path: string,
    private value: Value,
    readonly problems: Problems,
  ) {}

  has(name: string): bool {
    return this.value.keys.includes(name);
  }

  take(name: string): Field {
    if (!this.known.includes(name)) this.known.push(name);
    return new Field(this.path, this.value.get(name), this.problems, name);
  }

  /** Of these names exactly one must be there: its index in `names`, or -1 with a complaint. */
  exactlyOne(names: string[]): i32 {
    let found = new Array<string>();
    for (let i = 0; i < names.length; i++) {
      this.known.push(names[i]);
      if (this.has(names[i])) found.push(names[i]);
    }
    if (found.length == 1) return names.indexOf(found[0]);
    if (found.length == 0) found = sorted(this.value.keys);
    const got = found.length == 0 ? "nothing" : found.join(", ");
    this.problems.add(this.path, `expected exactly one of ${names.join(", ")}; got ${got}`);
    return -1;
  }

  /** Complains of each field that nobody took. */
  end(): void {
    const keys = sorted(this.value.keys);
    for (let i = 0; i < keys.length; i++) {
      if (this.known.includes(keys[i])) continue;
      this.problems.add(memberPath(this.path, keys[i]), `unknown field; expected one of ${this.known.join(", ")}`);
    }
  }
}

/** An object's names in order, for a protobuf map comes in any. */
function sorted(keys: Array<string>): Array<string> {
  const names = keys.slice(0);
  for (let i = 1; i < names.length; i++) {
    for (let j = i; j > 0 && names[j] < names[j - 1]; j--) {
      const name = names[j];
      names[j] = names[j - 1];
      names[j - 1] = name;
    }
  }
  return names;
}

/** The path of an object's field; a name that is hard to read stands in quotes. */
function memberPath(path: string, name: string): string {
  const shown = isToken(name) ? name : quote(name);
  return path.length > 0 ? `${path}.${shown}` : shown;
}

/** The number of a value, or NaN. Envoy reads `1.5` in YAML as text, so text that is a number is one. */
function numberIn(value: Value): f64 {
  if (value.kind == Kind.Number) return value.number;
  if (value.kind != Kind.Text) return NaN;
  const json = parseJson(new Text(value.text).slice);
  return json.error.length == 0 && json.value.kind == Kind.Number ? json.value.number : NaN;
}

/** Milliseconds of a duration; -1 if it is none. */
function parseDuration(text: string): i64 {
  let digits = 0;
  while (digits < text.length && text.charCodeAt(digits) >= 0x30 && text.charCodeAt(digits) <= 0x39) digits++;
  if (digits == 0 || digits > 9) return -1;
  let count: i64 = 0;
  for (let i = 0; i < digits; i++) count = count * 10 + (text.charCodeAt(i) - 0x30);
  const unit = text.slice(digits);
  if (unit == "ms") return count;
  if (unit == "s") return count * 1000;
  if (unit == "m") return count * 60000;
  if (unit == "h") return count * 3600000;
  if (unit == "d") return count * 86400000;
  return -1;
}
