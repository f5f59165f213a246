import type { HeaderMapKind } from "./header-map.js";

const REQUEST = new Map<string, string>();
const RESPONSE = new Map<string, string>();
const TRAILERS = new Map<string, string>();

/** Fields that Envoy keeps once in such a map, with the delimiter that joins values added later. */
export function joinedFields(kind: HeaderMapKind): ReadonlyMap<string, string> {
  return kind === "request" ? REQUEST : kind === "response" ? RESPONSE : TRAILERS;
}
