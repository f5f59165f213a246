import type { HeaderMutations, HeaderToAdd } from "../../envoy-config/index.js";
import type { HeaderMap } from "../../wasm-host/index.js";
import { compileFormat, type Formatter } from "../access-log/format.js";
import type { Stream } from "../stream/stream.js";

const formatters = new WeakMap<HeaderToAdd, Formatter>();

/** Removes and adds request headers, level by level (Envoy: `finalizeRequestHeaders`). */
export function mutateRequest(stream: Stream, levels: readonly HeaderMutations[]): void {
  for (const { requestHeadersToRemove, requestHeadersToAdd } of levels) {
    apply(stream.requestHeaders, requestHeadersToRemove, requestHeadersToAdd, stream);
  }
}

/** The same for the response, before the filters see it (Envoy: `finalizeResponseHeaders`). */
export function mutateResponse(headers: HeaderMap, stream: Stream, levels: readonly HeaderMutations[]): void {
  for (const { responseHeadersToRemove, responseHeadersToAdd } of levels) {
    apply(headers, responseHeadersToRemove, responseHeadersToAdd, stream);
  }
}

/** Envoy: `HeaderParser::evaluateHeaders`: all values first, then what overwrites, then what is added; nothing is added for an empty value. */
function apply(headers: HeaderMap, remove: readonly string[], add: readonly HeaderToAdd[], stream: Stream): void {
  for (const name of remove) headers.remove(name);
  const values = add
    .map((header): [HeaderToAdd, string] => [header, formatterOf(header)(stream)])
    .filter(([, value]) => value !== "");
  for (const [{ name, action }, value] of values) {
    const isOverwrite = action === "OVERWRITE_IF_EXISTS_OR_ADD" || action === "OVERWRITE_IF_EXISTS";
    if (!isOverwrite) continue;
    if (action === "OVERWRITE_IF_EXISTS_OR_ADD" || headers.get(name) !== undefined) headers.replace(name, value);
  }
  for (const [{ name, action }, value] of values) {
    if (action === "APPEND_IF_EXISTS_OR_ADD") headers.add(name, value);
    else if (action === "ADD_IF_ABSENT" && headers.get(name) === undefined) headers.add(name, value);
  }
}

function formatterOf(header: HeaderToAdd): Formatter {
  let formatter = formatters.get(header);
  if (formatter === undefined) {
    formatter = compileFormat(header.value, "");
    formatters.set(header, formatter);
  }
  return formatter;
}
