import type { HeaderField, HeaderMap } from "../../wasm-host/index.js";
import type { UpstreamRequest } from "../upstream/connection.js";

/**
 * What the codec writes of a request's headers; a text if a filter removed what there must be.
 * @param removed by the cluster's upstream filters
 */
export function requestOf(headers: HeaderMap, removed: readonly string[], hasBody: boolean): UpstreamRequest | string {
  const method = headers.get(":method");
  const path = headers.get(":path");
  if (method === undefined) return "missing required header: :method";
  if (path === undefined) return "missing required header: :path";
  const without = new Set(removed.map((name) => name.toLowerCase()));
  const fields = headers.fields.flatMap(([name, value]): HeaderField[] => {
    if (name === ":authority") return [["host", value]];
    return name.startsWith(":") || without.has(name) ? [] : [[name, value]];
  });
  return { method, path, fields, hasBody, upgrade: headers.get("upgrade") !== undefined };
}
