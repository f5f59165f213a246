import type { HeaderMutations, HeaderToAdd } from "../../envoy-config/index.js";
import type { HeaderMap } from "../../wasm-host/index.js";
import { compileFormat, type Formatter } from "../access-log/format.js";
import type { Stream } from "../stream/stream.js";
import type { SelectedRoute } from "./route-table.js";

const formatters = new WeakMap<HeaderToAdd, Formatter>();

/** Removes and adds request headers: the route's mutations first, then the virtual host's (Envoy: `finalizeRequestHeaders`). */
export function mutateRequest(stream: Stream, { route, virtualHost }: SelectedRoute): void {
  for (const level of [route, virtualHost] satisfies HeaderMutations[]) {
    apply(stream.requestHeaders, level.requestHeadersToRemove, level.requestHeadersToAdd, stream);
  }
}

/** The same for the response, before the filters see it (Envoy: `finalizeResponseHeaders`). */
export function mutateResponse(headers: HeaderMap, stream: Stream, { route, virtualHost }: SelectedRoute): void {
  for (const level of [route, virtualHost] satisfies HeaderMutations[]) {
    apply(headers, level.responseHeadersToRemove, level.responseHeadersToAdd, stream);
  }
}

function apply(headers: HeaderMap, remove: readonly string[], add: readonly HeaderToAdd[], stream: Stream): void {
  for (const name of remove) headers.remove(name.toLowerCase());
  for (const header of add) {
    let formatter = formatters.get(header);
    if (formatter === undefined) {
      formatter = compileFormat(header.value);
      formatters.set(header, formatter);
    }
    addHeader(headers, header, formatter(stream));
  }
}

function addHeader(headers: HeaderMap, { name: given, action }: HeaderToAdd, value: string): void {
  const name = given.toLowerCase();
  if (value === "" || value === "-") return;
  const isPresent = headers.get(name) !== undefined;
  if (action === "APPEND_IF_EXISTS_OR_ADD") headers.add(name, value);
  else if (action === "ADD_IF_ABSENT") {
    if (!isPresent) headers.add(name, value);
  } else if (action === "OVERWRITE_IF_EXISTS_OR_ADD" || isPresent) headers.replace(name, value);
}
