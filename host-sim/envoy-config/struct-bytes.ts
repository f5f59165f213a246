// The wire format (protobuf.dev/programming-guides/encoding): a field is a tag, (number << 3 | wire
// type), and a value; google/protobuf/struct.proto and envoy/config/core/v3/base.proto give the numbers.
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;

/** A plain value as a serialised google.protobuf.Struct. */
export function structBytes(fields: Record<string, unknown>): Uint8Array {
  return Uint8Array.from(struct(fields));
}

/** Plain values by namespace as a serialised envoy.config.core.v3.Metadata. */
export function metadataBytes(filterMetadata: Record<string, unknown>): Uint8Array {
  return Uint8Array.from(
    Object.entries(filterMetadata).flatMap(([namespace, fields]) =>
      field(1, [...field(1, utf8(namespace)), ...field(2, struct(fields as Record<string, unknown>))]),
    ),
  );
}

/** Struct: `map<string, Value> fields = 1`, an entry being a message of key = 1 and value = 2. */
function struct(fields: Record<string, unknown>): number[] {
  return Object.entries(fields).flatMap(([key, of]) => field(1, [...field(1, utf8(key)), ...field(2, value(of))]));
}

/** Value: oneof null_value = 1, number_value = 2, string_value = 3, bool_value = 4, struct_value = 5, list_value = 6. */
function value(of: unknown): number[] {
  if (of === null) return [(1 << 3) | VARINT, 0];
  if (typeof of === "number") return [(2 << 3) | FIXED64, ...new Uint8Array(new Float64Array([of]).buffer)];
  if (typeof of === "string") return field(3, utf8(of));
  if (typeof of === "boolean") return [(4 << 3) | VARINT, Number(of)];
  if (!Array.isArray(of)) return field(5, struct(of as Record<string, unknown>));
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
