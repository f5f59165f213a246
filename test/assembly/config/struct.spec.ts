import { Slice, lenOf, part, ptrOf } from "../../../assembly/abi/slice";
import { decodeStruct } from "../../../assembly/config/struct";
import { Kind, Value } from "../../../assembly/config/value";
import { hex, toHex, bytes } from "../bytes";
import { Random } from "../random";
import { randomObject } from "./random-value";
import { shown } from "./shown";

describe("a Struct", () => {
  test("has every kind of value (struct.proto)", () => {
    reads("0a0e 0a0161 1209 11 000000000000f83f", "{a:1.5}");
    reads("0a08 0a0162 1203 1a0178", "{b:'x'}");
    reads("0a07 0a0163 1202 2001", "{c:true}");
    reads("0a07 0a0163 1202 2000", "{c:false}");
    reads("0a07 0a0164 1202 0800", "{d:null}");
    reads("0a19 0a0165 1214 2a12 0a10 0a0166 120b 3209 0a02 2001 0a03 1a0179", "{e:{f:[true,'y']}}");
  });

  test("may be empty, and hold empty things", () => {
    reads("", "{}");
    reads("0a07 0a0161 1202 1a00", "{a:''}");
    reads("0a07 0a0161 1202 2a00", "{a:{}}");
    reads("0a07 0a0161 1202 3200", "{a:[]}");
    reads("0a09 0a0161 1204 3202 0a00", "{a:[null]}");
  });

  test("has fields in the order of the bytes, the value before the key too", () => {
    reads("0a07 0a0162 1202 2001 0a07 0a0161 1202 2000", "{b:true,a:false}");
    reads("0a07 1202 2001 0a0161", "{a:true}");
  });

  test("leaves out what has its default: an empty key, a value without a kind", () => {
    reads("0a04 1202 2001", "{:true}");
    reads("0a03 0a0161", "{a:null}");
    reads("0a05 0a0161 1200", "{a:null}");
    reads("0a00", "{:null}");
  });

  test("has lengths of several bytes", () => {
    const text = "x".repeat(300);
    const value = "1aac02" + toHex(bytes(text));
    reads(`0ab502 0a0161 12af02 ${value}`, `{a:'${text}'}`);
  });
});

describe("other bytes are no Struct", () => {
  test("with a tag that struct.proto does not have", () => {
    refuses("08 01");
    refuses("12 00");
    refuses("0a07 0a0161 1a02 2001");
    refuses("0a07 0a0161 1202 2801");
    refuses("0a0b 0a0161 1206 15 00000000 00");
    refuses("0a09 0a0161 1204 3202 1200");
  });

  test("that end early or reach beyond what holds them", () => {
    refuses("0a");
    refuses("0a 01");
    refuses("0a05 0a0561 1200");
    refuses("0a07 0a0161 1203 2001");
    refuses("0a07 0a0161 1202 1a01 78");
    refuses("0a0d 0a0161 1208 11 00000000000000");
    refuses("0a ff");
    refuses("0a ffffffff0f");
    refuses("0a ffffffffffffffff7f");
    refuses("0a ffffffffffffffffff01");
    refuses("0a ffffffffffffffffffff01");
  });

  test("that are text", () => {
    expect<bool>(decodeStruct(bytes("{}")) === null).toBe(true);
    expect<bool>(decodeStruct(bytes('\n{"rules": []}')) === null).toBe(true);
    expect<bool>(decodeStruct(bytes("\n\n\n\n")) === null).toBe(true);
  });
});

describe("nesting", () => {
  test("goes 64 levels deep and no deeper", () => {
    expect<bool>(decodeStruct(nested(64)) !== null).toBe(true);
    expect<bool>(decodeStruct(nested(65)) === null).toBe(true);
  });

  test("of 2,000 levels is refused, and not a trap", () => {
    expect<bool>(decodeStruct(nested(2000)) === null).toBe(true);
  });
});

describe("any bytes", () => {
  test("what is encoded is decoded", () => {
    const random = new Random();
    for (let i = 0; i < 500; i++) {
      const object = randomObject(random, 5);
      reads(encoded(object), shown(object));
    }
  });

  test("cut short or with a byte changed, they are decoded or refused, and never trap", () => {
    const random = new Random();
    for (let i = 0; i < 500; i++) {
      const whole = hex(encoded(randomObject(random, 4)));
      if (lenOf(whole) == 0) continue;
      decodeStruct(part(whole, 0, random.below(lenOf(whole))));
      store<u8>(ptrOf(whole) + random.below(lenOf(whole)), <u8>random.below(256));
      decodeStruct(whole);
    }
  });
});

function reads(digits: string, expected: string): void {
  const value = decodeStruct(hex(digits));
  expect<string>(value === null ? "no Struct" : shown(value)).toBe(expected, digits);
}

function refuses(digits: string): void {
  expect<bool>(decodeStruct(hex(digits)) === null).toBe(true, digits);
}

/** An object below which `levels` lists lie, one in the other. */
function nested(levels: i32): Slice {
  let value = "";
  for (let i = 0; i < levels; i++) value = field(0x32, i == 0 ? "" : field(0x0a, value));
  return hex(field(0x0a, field(0x0a, "61") + field(0x12, value)));
}

/** An object in protobuf's wire format, in hex. */
function encoded(object: Value): string {
  let fields = "";
  for (let i = 0; i < object.items.length; i++) {
    const key = field(0x0a, toHex(bytes(object.keys[i])));
    fields += field(0x0a, key + field(0x12, encodedValue(object.items[i])));
  }
  return fields;
}

function encodedValue(value: Value): string {
  if (value.kind == Kind.Boolean) return value.boolean ? "2001" : "2000";
  if (value.kind == Kind.Text) return field(0x1a, toHex(bytes(value.text)));
  if (value.kind == Kind.Object) return field(0x2a, encoded(value));
  if (value.kind == Kind.Number) {
    const bits = bswap(reinterpret<u64>(value.number));
    return `11${bits.toString(16).padStart(16, "0")}`;
  }
  if (value.kind == Kind.Null) return "0800";
  let items = "";
  for (let i = 0; i < value.items.length; i++) items += field(0x0a, encodedValue(value.items[i]));
  return field(0x32, items);
}

/** A tag, the length as a varint, and the bytes. */
function field(tag: i32, content: string): string {
  let length = "";
  let left = content.length / 2;
  for (; left > 127; left >>= 7) length += ((left & 127) | 128).toString(16).padStart(2, "0");
  return tag.toString(16).padStart(2, "0") + length + left.toString(16).padStart(2, "0") + content;
}
