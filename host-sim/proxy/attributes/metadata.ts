import { metadataBytes } from "../../envoy-config/index.js";
import { serialisePairs } from "../../wasm-host/pairs.js";
import type { HeaderField } from "../../wasm-host/types.js";

/** Of each metadata object its bytes: configuration does not change. */
const serialized = new WeakMap<object, Uint8Array>();

/**
 * `filter_metadata` by namespace as a filter sees it: as a whole the serialised
 * envoy.config.core.v3.Metadata, below `filter_metadata` one value of it.
 */
export function metadataValue(metadata: Record<string, unknown>, path: readonly string[]): Uint8Array | undefined {
  const [field, ...keys] = path;
  if (field === undefined) return wholeMetadata(metadata);
  if (field !== "filter_metadata") return undefined;
  let value: unknown = metadata;
  for (const key of keys) value = member(value, key);
  return serialise(value);
}

function wholeMetadata(metadata: Record<string, unknown>): Uint8Array {
  let bytes = serialized.get(metadata);
  if (bytes === undefined) {
    bytes = metadataBytes(metadata);
    serialized.set(metadata, bytes);
  }
  return bytes;
}

function member(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

/**
 * Envoy: `serializeValue` in wasm's context.cc: a number is a double, a map its pairs, a list pairs with
 * empty values; there are no bytes for null, nor for what holds one.
 */
function serialise(value: unknown): Uint8Array | undefined {
  if (typeof value === "string") return Buffer.from(value);
  if (typeof value === "boolean") return Uint8Array.of(Number(value));
  if (typeof value === "number") return new Uint8Array(new Float64Array([value]).buffer);
  if (typeof value !== "object" || value === null) return undefined;
  const pairs: HeaderField[] = [];
  for (const [key, entry] of Object.entries(value)) {
    const bytes = serialise(entry);
    if (bytes === undefined) return undefined;
    const text = Buffer.from(bytes).toString("latin1");
    pairs.push(Array.isArray(value) ? [text, ""] : [Buffer.from(key).toString("latin1"), text]);
  }
  return serialisePairs(pairs);
}
