// Decodes google.protobuf.Struct from its wire format (protobuf.dev: encoding, struct.proto), which is
// what Envoy hands to a filter whose configuration is a Struct. Strict: a byte that does not belong
// there makes the whole no Struct.
import { Slice, byteAt, lenOf, part, ptrOf, textOf } from "../abi/slice";
import { DEEPEST, Kind, NULL, Value } from "./value";

// Field numbers and wire types as the tag bytes of struct.proto.
const STRUCT_FIELDS: u8 = 0x0a;
const ENTRY_KEY: u8 = 0x0a;
const ENTRY_VALUE: u8 = 0x12;
const VALUE_NULL: u8 = 0x08;
const VALUE_NUMBER: u8 = 0x11;
const VALUE_STRING: u8 = 0x1a;
const VALUE_BOOL: u8 = 0x20;
const VALUE_STRUCT: u8 = 0x2a;
const VALUE_LIST: u8 = 0x32;
const LIST_VALUES: u8 = 0x0a;

/** The Struct as an object, or null if the bytes are not one. */
export function decodeStruct(bytes: Slice): Value | null {
  const decoder = new Decoder(bytes);
  const value = decoder.struct(lenOf(bytes), 0);
  return decoder.failed ? null : value;
}

class Decoder {
  private at: i32 = 0;
  failed: bool = false;

  constructor(private bytes: Slice) {}

  /** Each method reads up to `end`, and leaves `at` there unless it failed; `depth` is that of what it reads. */
  struct(end: i32, depth: i32): Value {
    const object = new Value(Kind.Object);
    while (this.at < end && !this.failed) {
      this.expect(STRUCT_FIELDS, end);
      this.entry(this.length(end), object, depth);
    }
    return object;
  }

  private entry(end: i32, object: Value, depth: i32): void {
    let key = "";
    let value = NULL;
    while (this.at < end && !this.failed) {
      const tag = this.byte(end);
      if (tag == ENTRY_KEY) key = this.string(this.length(end));
      else if (tag == ENTRY_VALUE) value = this.value(this.length(end), depth + 1);
      else this.failed = true;
    }
    object.set(key, value);
  }

  private value(end: i32, depth: i32): Value {
    let value = NULL;
    if (depth > DEEPEST) this.failed = true;
    while (this.at < end && !this.failed) {
      const tag = this.byte(end);
      if (tag == VALUE_NULL) this.varint(end);
      else if (tag == VALUE_NUMBER) value = Value.ofNumber(this.double(end));
      else if (tag == VALUE_STRING) value = Value.ofText(this.string(this.length(end)));
      else if (tag == VALUE_BOOL) value = Value.ofBoolean(this.varint(end) != 0);
      else if (tag == VALUE_STRUCT) value = this.struct(this.length(end), depth);
      else if (tag == VALUE_LIST) value = this.list(this.length(end), depth);
      else this.failed = true;
    }
    return value;
  }

  private list(end: i32, depth: i32): Value {
    const list = new Value(Kind.List);
    while (this.at < end && !this.failed) {
      this.expect(LIST_VALUES, end);
      list.items.push(this.value(this.length(end), depth + 1));
    }
    return list;
  }

  private expect(tag: u8, end: i32): void {
    if (this.byte(end) != tag) this.failed = true;
  }

  private byte(end: i32): u8 {
    if (this.failed || this.at >= end) {
      this.failed = true;
      return 0;
    }
    return byteAt(this.bytes, this.at++);
  }

  private varint(end: i32): u64 {
    let value: u64 = 0;
    for (let shift = 0; shift < 64; shift += 7) {
      const byte = this.byte(end);
      value |= (<u64>(byte & 0x7f)) << shift;
      if (byte < 0x80) return value;
    }
    this.failed = true;
    return 0;
  }

  /** Reads a length and gives the index where its bytes end, never behind `end`. */
  private length(end: i32): i32 {
    const length = this.varint(end);
    if (this.failed || length > <u64>(end - this.at)) {
      this.failed = true;
      return this.at;
    }
    return this.at + <i32>length;
  }

  private double(end: i32): f64 {
    if (this.failed || end - this.at < 8) {
      this.failed = true;
      return 0;
    }
    const value = load<f64>(ptrOf(this.bytes) + this.at);
    this.at += 8;
    return value;
  }

  private string(end: i32): string {
    const text = textOf(part(this.bytes, this.at, end));
    this.at = end;
    return text;
  }
}
