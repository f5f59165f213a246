import type { Node } from "./reader/document.js";
import type { Reader } from "./reader/place.js";

/** A google.protobuf.Struct as a plain value. */
export const plainStruct: Reader<Record<string, unknown>> = (at) =>
  at.node.value instanceof Map ? (plain(at.node) as Record<string, unknown>) : at.expected("a mapping");

function plain({ value }: Node): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, entry]) => [key, plain(entry.node)]));
  return value;
}

/** A google.protobuf.Struct as its serialised bytes: what Envoy hands to a filter whose configuration is one. */
export const serializedStruct: Reader<Uint8Array> = (at) =>
  at.node.value instanceof Map ? Uint8Array.from(struct(at.node.value)) : at.expected("a mapping");

// The wire format (protobuf.dev/programming-guides/encoding): a field is a tag, (number << 3 | wire
// type), and a value; google/protobuf/struct.proto gives the numbers.
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;

/** Struct: `map<string, Value> fields = 1`, an entry being a message of key = 1 and value = 2. */
function struct(fields: Extract<Node["value"], Map<string, unknown>>): number[] {
  return [...fields].flatMap(([key, { node }]) => field(1, [...field(1, utf8(key)), ...field(2, value(node))]));
}

/** Value: oneof null_value = 1, number_value = 2, string_value = 3, bool_value = 4, struct_value = 5, list_value = 6. */
function value({ value: of }: Node): number[] {
  if (of === null) return [(1 << 3) | VARINT, 0];
  if (typeof of === "number") return [(2 << 3) | FIXED64, ...new Uint8Array(new Float64Array([of]).buffer)];
  if (typeof of === "string") return field(3, utf8(of));
  if (typeof of === "boolean") return [(4 << 3) | VARINT, Number(of)];
  if (of instanceof Map) return field(5, struct(of));
  // ListValue: `repeated Value values = 1`.
  return field(
    6,
    of.flatMap((item) => field(1, value(item))),
  );
}

function field(number: number, bytes: number[]): number[] {
  return [(number << 3) | BYTES, ...varint(bytes.length), ...bytes];
}

function varint(n: number): number[] {
  return n < 0x80 ? [n] : [(n & 0x7f) | 0x80, ...varint(n >>> 7)];
}

function utf8(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}
