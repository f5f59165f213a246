import type { Node } from "./reader/document.js";
import type { Reader } from "./reader/place.js";
import { structBytes } from "./struct-bytes.js";

/** A google.protobuf.Struct as a plain value. */
export const plainStruct: Reader<Record<string, unknown>> = (at) =>
  at.node.value instanceof Map ? (plain(at.node) as Record<string, unknown>) : at.expected("a mapping");

function plain({ value }: Node): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, entry]) => [key, plain(entry.node)]));
  return value;
}

/** A google.protobuf.Struct as its serialised bytes: what Envoy hands to a filter whose configuration is one. */
export const serializedStruct: Reader<Uint8Array> = (at) => structBytes(plainStruct(at));
