// The configuration as a tree of plain values, whichever way it came: a protobuf Struct or JSON.

/** How many levels below the top a configuration may have; a deeper one would exhaust the stack. */
export const DEEPEST = 64;

export enum Kind {
  Null,
  Boolean,
  Number,
  Text,
  List,
  Object,
}

// Shared by all values that have none: a long list of servers is thousands of values.
const NO_ITEMS = new Array<Value>();
const NO_KEYS = new Array<string>();

export class Value {
  boolean: bool = false;
  number: f64 = 0;
  text: string = "";
  /** A list's elements, or an object's values in the order of `keys`. */
  readonly items: Array<Value>;
  readonly keys: Array<string>;

  constructor(readonly kind: Kind) {
    this.items = kind == Kind.List || kind == Kind.Object ? new Array<Value>() : NO_ITEMS;
    this.keys = kind == Kind.Object ? new Array<string>() : NO_KEYS;
  }

  static ofBoolean(value: bool): Value {
    const v = new Value(Kind.Boolean);
    v.boolean = value;
    return v;
  }

  static ofNumber(value: f64): Value {
    const v = new Value(Kind.Number);
    v.number = value;
    return v;
  }

  static ofText(value: string): Value {
    const v = new Value(Kind.Text);
    v.text = value;
    return v;
  }

  /** The value under `key`, or null. */
  get(key: string): Value | null {
    const index = this.keys.indexOf(key);
    return index < 0 ? null : this.items[index];
  }

  set(key: string, value: Value): void {
    this.keys.push(key);
    this.items.push(value);
  }

  /** How an error message shows it: short, and never a long secret. */
  describe(): string {
    switch (this.kind) {
      case Kind.Null:
        return "null";
      case Kind.Boolean:
        return this.boolean ? "true" : "false";
      case Kind.Number:
        return numberText(this.number);
      case Kind.Text:
        return quote(this.text);
      case Kind.List:
        return this.items.length == 0 ? "an empty list" : "a list";
      default:
        return this.keys.length == 0 ? "an empty object" : "an object";
    }
  }
}

export const NULL = new Value(Kind.Null);

/** A number with up to six decimals: what a person wrote, in all likelihood. */
function numberText(value: f64): string {
  const size = Math.abs(value);
  if (!(size < 1e15)) return "a number out of range";
  const whole = (value < 0 ? "-" : "") + (<i64>size).toString();
  const millionths = <i64>min(Math.round((size - Math.floor(size)) * 1e6), 999999);
  if (millionths == 0) return whole;
  let digits = millionths.toString().padStart(6, "0");
  while (digits.endsWith("0")) digits = digits.slice(0, -1);
  return `${whole}.${digits}`;
}

const LONGEST_QUOTE = 60;

/** Text in double quotes and on one line: cut if it is long, control characters as `\x0a`. */
export function quote(text: string): string {
  let shown = "";
  for (let i = 0; i < text.length && i < LONGEST_QUOTE; i++) {
    const code = text.charCodeAt(i);
    shown += code < 0x20 || code == 0x7f ? `\\x${code.toString(16).padStart(2, "0")}` : text.charAt(i);
  }
  return text.length > LONGEST_QUOTE ? `"${shown}..."` : `"${shown}"`;
}
