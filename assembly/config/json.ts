// Reads JSON (RFC 8259) into the same values as a Struct. Errors say where and what was expected.
import { Slice, byteAt, hexDigit, lenOf, part, ptrOf, textOf } from "../abi/slice";
import { DEEPEST, Kind, NULL, Value } from "./value";

/** Beyond it a double is infinite, or zero. */
const LARGEST_EXPONENT = 400;

/** Characters that a complaint shows. */
const MARKS = "{}[]:,\"'#";

/** The parsed text; `error` is empty if it is whole and well-formed. */
export class Json {
  error: string = "";
  value: Value = NULL;
}

export function parseJson(bytes: Slice): Json {
  const parser = new Parser(bytes);
  const json = new Json();
  json.value = parser.document();
  json.error = parser.error;
  return json;
}

class Parser {
  private at: i32 = 0;
  error: string = "";

  constructor(private bytes: Slice) {}

  document(): Value {
    const value = this.value(0);
    this.skipSpace();
    if (this.at < lenOf(this.bytes)) this.fail("the end of the text");
    return value;
  }

  private value(depth: i32): Value {
    this.skipSpace();
    if (depth > DEEPEST) return this.fail(`at most ${DEEPEST} levels`);
    const byte = this.peek();
    if (byte == 0x7b) return this.object(depth);
    if (byte == 0x5b) return this.list(depth);
    if (byte == 0x22) return Value.ofText(this.string());
    if (byte == 0x2d || (byte >= 0x30 && byte <= 0x39)) return this.number();
    if (this.word("true")) return Value.ofBoolean(true);
    if (this.word("false")) return Value.ofBoolean(false);
    if (this.word("null")) return NULL;
    return this.fail("a value");
  }

  private object(depth: i32): Value {
    const object = new Value(Kind.Object);
    this.at++;
    if (this.takeAfterSpace(0x7d)) return object;
    do {
      this.skipSpace();
      if (this.peek() != 0x22) return this.fail("a field name in double quotes");
      const keyAt = this.at;
      const key = this.string();
      if (object.keys.includes(key)) {
        this.at = keyAt;
        return this.fail("each field only once");
      }
      if (!this.takeAfterSpace(0x3a)) return this.fail('":"');
      object.set(key, this.value(depth + 1));
      if (this.error.length > 0) return object;
    } while (this.takeAfterSpace(0x2c));
    return this.takeAfterSpace(0x7d) ? object : this.fail('"," or "}"');
  }

  private list(depth: i32): Value {
    const list = new Value(Kind.List);
    this.at++;
    if (this.takeAfterSpace(0x5d)) return list;
    do {
      list.items.push(this.value(depth + 1));
      if (this.error.length > 0) return list;
    } while (this.takeAfterSpace(0x2c));
    return this.takeAfterSpace(0x5d) ? list : this.fail('"," or "]"');
  }

  /** Good for the numbers of a configuration; the last bit of a long fraction may be off. */
  private number(): Value {
    const sign: f64 = this.take(0x2d) ? -1 : 1;
    const whole = this.at;
    let number = this.digits(0);
    const digits = this.at - whole;
    if (digits == 0 || (digits > 1 && byteAt(this.bytes, whole) == 0x30)) {
      this.at = whole;
      return this.fail("a number");
    }
    let exponent = 0;
    if (this.take(0x2e)) {
      const fraction = this.at;
      number = this.digits(number);
      exponent = fraction - this.at;
      if (exponent == 0) return this.fail("a digit");
    }
    if ((this.peek() | 0x20) == 0x65) {
      this.at++;
      const negative = this.peek() == 0x2d;
      if (negative || this.peek() == 0x2b) this.at++;
      const from = this.at;
      const power = <i32>min(this.digits(0), <f64>LARGEST_EXPONENT);
      if (this.at == from) return this.fail("a digit");
      exponent += negative ? -power : power;
    }
    for (; exponent > 0; exponent--) number *= 10;
    for (; exponent < 0; exponent++) number /= 10;
    return Value.ofNumber(sign * number);
  }

  /** Appends decimal digits to a number. */
  private digits(number: f64): f64 {
    while (this.peek() >= 0x30 && this.peek() <= 0x39) {
      number = number * 10 + <f64>(this.peek() - 0x30);
      this.at++;
    }
    return number;
  }

  private string(): string {
    this.at++;
    let text = "";
    let from = this.at;
    while (this.peek() != 0x22) {
      if (this.peek() < 0x20) {
        this.fail("the double quote that closes a string");
        return text;
      }
      if (this.peek() == 0x5c) {
        text += this.textFrom(from) + this.escape();
        if (this.error.length > 0) return text;
        from = this.at;
      } else {
        this.at++;
      }
    }
    text += this.textFrom(from);
    this.at++;
    return text;
  }

  private escape(): string {
    this.at++;
    const byte = this.peek();
    this.at++;
    if (byte == 0x22 || byte == 0x5c || byte == 0x2f) return String.fromCharCode(byte);
    if (byte == 0x62) return "\b";
    if (byte == 0x66) return "\f";
    if (byte == 0x6e) return "\n";
    if (byte == 0x72) return "\r";
    if (byte == 0x74) return "\t";
    if (byte == 0x75) return this.codeUnit();
    this.at--;
    this.fail('an escape (one of " \\ / b f n r t u)');
    return "";
  }

  private codeUnit(): string {
    let unit = 0;
    for (let i = 0; i < 4; i++) {
      const digit = hexDigit(this.peek());
      if (digit < 0) {
        this.fail("four hex digits");
        return "";
      }
      unit = (unit << 4) | digit;
      this.at++;
    }
    return String.fromCharCode(unit);
  }

  private word(word: string): bool {
    const text = String.UTF8.encode(word);
    if (this.at + text.byteLength > lenOf(this.bytes)) return false;
    if (memory.compare(ptrOf(this.bytes) + this.at, changetype<usize>(text), text.byteLength) != 0) return false;
    this.at += text.byteLength;
    return true;
  }

  private textFrom(from: i32): string {
    return textOf(part(this.bytes, from, this.at));
  }

  /** The next byte, or 0 at the end, which no token begins with. */
  private peek(): u8 {
    return this.at < lenOf(this.bytes) ? byteAt(this.bytes, this.at) : 0;
  }

  private take(byte: u8): bool {
    if (this.peek() != byte) return false;
    this.at++;
    return true;
  }

  private takeAfterSpace(byte: u8): bool {
    this.skipSpace();
    return this.take(byte);
  }

  private skipSpace(): void {
    while (this.at < lenOf(this.bytes)) {
      const byte = byteAt(this.bytes, this.at);
      if (byte != 0x20 && byte != 0x09 && byte != 0x0a && byte != 0x0d) return;
      this.at++;
    }
  }

  /** Keeps the first error only: what comes after it is its consequence. */
  private fail(expected: string): Value {
    if (this.error.length == 0) this.error = `expected ${expected} at ${this.position()}; got ${this.found()}`;
    this.at = lenOf(this.bytes);
    return NULL;
  }

  private position(): string {
    let line = 1;
    let column = 1;
    for (let i = 0; i < this.at; i++) {
      const byte = byteAt(this.bytes, i);
      // The second and further bytes of a character in UTF-8 are no columns.
      if ((byte & 0xc0) != 0x80) column++;
      if (byte == 0x0a) {
        line++;
        column = 1;
      }
    }
    return `line ${line}, column ${column}`;
  }

  /** The kind of character only: the text around a mistake may be part of a key. */
  private found(): string {
    if (this.at >= lenOf(this.bytes)) return "the end of the text";
    const byte = this.peek();
    if (MARKS.includes(String.fromCharCode(byte))) return `'${String.fromCharCode(byte)}'`;
    if (byte - 0x30 < 10) return "a digit";
    if ((byte | 0x20) - 0x61 < 26) return "a letter";
    return byte > 0x20 ? "another character" : "a blank or a control character";
  }
}
