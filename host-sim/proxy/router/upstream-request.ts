import type { HeaderField, HeaderMap } from "../../wasm-host/index.js";
import type { UpstreamRequest } from "./attempt.js";

/** What the codec writes of a request's headers; a text if a filter removed what there must be. */
export function requestOf(headers: HeaderMap): UpstreamRequest | string {
  const method = headers.get(":method");
  const path = headers.get(":path");
  if (method === undefined) return "missing required header: :method";
  if (path === undefined) return "missing required header: :path";
  const fields = headers.fields.flatMap(([name, value]): HeaderField[] => {
    if (name === ":authority") return [["host", value]];
    return name.startsWith(":") ? [] : [[name, value]];
  });
  return { method, path, fields, upgrade: headers.get("upgrade") !== undefined };
}
