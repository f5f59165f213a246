import { lenOf, ptrOf, slice } from "../../../assembly/abi/slice";
import { parseJson } from "../../../assembly/config/json";
import { Kind, Value } from "../../../assembly/config/value";
import { bytes, hex } from "../bytes";
import { Random } from "../random";
import { randomObject } from "./random-value";
import { shown } from "./shown";

describe("JSON", () => {
  test("has the values of RFC 8259", () => {
    reads("null", "null");
    reads("true", "true");
    reads("false", "false");
    reads('"text"', "'text'");
    reads("[]", "[]");
    reads("{}", "{}");
    reads('[1,"a",[true],{"b":null}]', "[1.0,'a',[true],{b:null}]");
    reads('{"a":1,"b":{"c":[]}}', "{a:1.0,b:{c:[]}}");
    reads('{"":0}', "{:0.0}");
  });

  test("has blanks, tabs and line ends wherever a token may begin", () => {
    reads(' \t\r\n{ "a" : [ 1 , 2 ] , "b" : true } \n', "{a:[1.0,2.0],b:true}");
    reads("[ ]", "[]");
    reads("{ }", "{}");
  });

  test("has numbers with fraction and exponent", () => {
    reads("0", "0.0");
    reads("256", "256.0");
    reads("-12", "-12.0");
    reads("1.5", "1.5");
    reads("-0.25", "-0.25");
    reads("1e3", "1000.0");
    reads("1E+3", "1000.0");
    reads("25e-2", "0.25");
    reads("1.50e1", "15.0");
    reads("0e0", "0.0");
    reads("1e400", "Infinity");
    reads("1e999999999999", "Infinity");
    reads("1e-999999999999", "0.0");
  });

  test("has every escape", () => {
    reads('"\\"\\\\\\/\\b\\f\\n\\r\\t"', "'\"\\/\b\f\n\r\t'");
    reads('"\\u00e9\\u00E9"', "'éé'");
    reads('"\\ud83d\\udd11"', "'\u{1f511}'");
    reads('"a\\u0000b"', "'a\0b'");
  });

  test("has UTF-8 as it is", () => {
    reads('"é\u{1f511}"', "'é\u{1f511}'");
  });
});

describe("malformed JSON", () => {
  test("is refused with its place, what was expected and what was found", () => {
    refuses("", "a value at line 1, column 1; got the end of the text");
    refuses(" \n", "a value at line 2, column 1; got the end of the text");
    refuses("tru", "a value at line 1, column 1; got a letter");
    refuses("'a'", "a value at line 1, column 1; got '''");
    refuses("rules: []", "a value at line 1, column 1; got a letter");
    refuses("{} {}", "the end of the text at line 1, column 4; got '{'");
    refuses("nulls", "the end of the text at line 1, column 5; got a letter");
    refuses("{a:1}", "a field name in double quotes at line 1, column 2; got a letter");
    refuses('{"a":1,}', "a field name in double quotes at line 1, column 8; got '}'");
    refuses('{"a" 1}', '":" at line 1, column 6; got a digit');
    refuses('{"a":}', "a value at line 1, column 6; got '}'");
    refuses('{"a":1 "b":2}', '"," or "}" at line 1, column 8; got \'"\'');
    refuses('{"a":1', '"," or "}" at line 1, column 7; got the end of the text');
    refuses('{"a":1]', '"," or "}" at line 1, column 7; got \']\'');
    refuses("[1", '"," or "]" at line 1, column 3; got the end of the text');
    refuses("[1,]", "a value at line 1, column 4; got ']'");
    refuses("[1}", '"," or "]" at line 1, column 3; got \'}\'');
    refuses('{\n  "a": 1,\n  "b": x\n}', "a value at line 3, column 8; got a letter");
    refuses('{"é": x}', "a value at line 1, column 7; got a letter");
  });

  test("is refused with a field that stands twice", () => {
    refuses('{"a":1,"b":2,"a":3}', "each field only once at line 1, column 14; got '\"'");
  });

  test("is refused with numbers that are none", () => {
    refuses("-", "a number at line 1, column 2; got the end of the text");
    refuses("01", "a number at line 1, column 1; got a digit");
    refuses("-x", "a number at line 1, column 2; got a letter");
    refuses("1.", "a digit at line 1, column 3; got the end of the text");
    refuses("1.x", "a digit at line 1, column 3; got a letter");
    refuses("1e", "a digit at line 1, column 3; got the end of the text");
    refuses("1e+", "a digit at line 1, column 4; got the end of the text");
    refuses("+1", "a value at line 1, column 1; got another character");
    refuses(".5", "a value at line 1, column 1; got another character");
    refuses("NaN", "a value at line 1, column 1; got a letter");
    refuses("1 2", "the end of the text at line 1, column 3; got a digit");
  });

  test("is refused with strings that do not end or escape what is no escape", () => {
    refuses('"a', "the double quote that closes a string at line 1, column 3; got the end of the text");
    refuses('"a\nb"', "the double quote that closes a string at line 1, column 3; got a blank or a control character");
    refuses('"\\x"', 'an escape (one of " \\ / b f n r t u) at line 1, column 3; got a letter');
    refuses('"\\', 'an escape (one of " \\ / b f n r t u) at line 1, column 3; got the end of the text');
    refuses('"\\u12g4"', "four hex digits at line 1, column 6; got a letter");
    refuses('"\\u12', "four hex digits at line 1, column 6; got the end of the text");
    refuses('{"a', "the double quote that closes a string at line 1, column 4; got the end of the text");
  });
});

describe("nesting", () => {
  test("goes 64 levels deep and no deeper", () => {
    expect<string>(parseJson(bytes("[".repeat(65) + "]".repeat(65))).error).toBe("");
    expect<string>(parseJson(bytes("[".repeat(64) + "1" + "]".repeat(64))).error).toBe("");
    refuses("[".repeat(66) + "]".repeat(66), "at most 64 levels at line 1, column 66; got '['");
    refuses("[".repeat(65) + "1" + "]".repeat(65), "at most 64 levels at line 1, column 66; got a digit");
  });

  test("of 100,000 levels is refused, and not a trap", () => {
    refuses('{"a":'.repeat(100000), "at most 64 levels at line 1, column 326; got '{'");
  });
});

describe("any bytes", () => {
  test("what is written is read back", () => {
    const random = new Random();
    for (let i = 0; i < 500; i++) {
      const value = randomObject(random, 5);
      const json = parseJson(bytes(written(value)));
      expect<string>(json.error).toBe("");
      expect<string>(shown(json.value)).toBe(shown(value));
    }
  });

  test("cut short or with a byte changed, they are read or refused, and never trap", () => {
    const random = new Random();
    for (let i = 0; i < 500; i++) {
      const whole = bytes(written(randomObject(random, 4)));
      const cut = random.below(lenOf(whole));
      expect<bool>(parseJson(slice(ptrOf(whole), cut)).error != "").toBe(true, "a part of an object is no object");
      store<u8>(ptrOf(whole) + random.below(lenOf(whole)), <u8>random.below(256));
      parseJson(whole);
    }
  });

  test("that are no UTF-8 do not trap", () => {
    expect<string>(parseJson(hex("22 ff fe 80 22")).error).toBe("");
    expect<string>(parseJson(hex("22 61 f0 9f 22")).error).toBe("");
    parseJson(hex("f0"));
    parseJson(hex("22 f0"));
  });
});

function reads(json: string, expected: string): void {
  const parsed = parseJson(bytes(json));
  expect<string>(parsed.error).toBe("", json);
  expect<string>(shown(parsed.value)).toBe(expected, json);
}

function refuses(json: string, expected: string): void {
  expect<string>(parseJson(bytes(json)).error).toBe(`expected ${expected}`, json);
}

function written(value: Value): string {
  if (value.kind == Kind.Text) return quoted(value.text);
  if (value.kind == Kind.Number) return value.number.toString();
  const items = new Array<string>();
  for (let i = 0; i < value.items.length; i++) {
    items.push(
      value.kind == Kind.Object ? `${quoted(value.keys[i])}: ${written(value.items[i])}` : written(value.items[i]),
    );
  }
  if (value.kind == Kind.Object) return `{${items.join(", ")}}`;
  return value.kind == Kind.List ? `[${items.join(", ")}]` : value.describe();
}

function quoted(text: string): string {
  let escaped = "";
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const plain = code >= 0x20 && code != 0x22 && code != 0x5c && (code & 0xf800) != 0xd800;
    escaped += plain ? text.charAt(i) : `\\u${code.toString(16).padStart(4, "0")}`;
  }
  return `"${escaped}"`;
}
