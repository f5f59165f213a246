import { Status } from "../abi.js";
import { HeaderMap, lowerCase } from "../header-map.js";
import { parsePairs } from "../pairs.js";
import type { HeaderField } from "../types.js";
import type { Vm } from "../vm.js";
import { env, type HostCall } from "./host-call.js";
import { returnBytes } from "./return-bytes.js";

/** proxy-wasm/spec v0.2.1 §HTTP calls, and `proxy_get_status` of §Common stream operations. */
export const HTTP_CALL_CALLS: HostCall[] = [
  env("proxy_http_call", "(iiiiiiiiii)i", httpCall, { note: "a timeout of 0 is none" }),
  env("proxy_get_status", "(iii)i", getStatus),
];

function httpCall(
  vm: Vm,
  cluster: number,
  clusterSize: number,
  headers: number,
  headersSize: number,
  body: number,
  bodySize: number,
  trailers: number,
  trailersSize: number,
  timeoutMs: number,
  idAt: number,
): number {
  const name = vm.memory.text(cluster, clusterSize);
  const bodyBytes = vm.memory.copy(body, bodySize);
  const headerPairs = vm.memory.view(headers, headersSize);
  const trailerPairs = vm.memory.view(trailers, trailersSize);
  if (name === undefined || bodyBytes === undefined || headerPairs === undefined || trailerPairs === undefined) {
    return Status.INVALID_MEMORY_ACCESS;
  }
  // Before the call starts, so that a bad pointer does not leave a call whose id nobody knows.
  if (!vm.memory.setU32(idAt, 0)) return Status.INVALID_MEMORY_ACCESS;
  if ((timeoutMs | 0) < 0) return Status.BAD_ARGUMENT;
  const map = new HeaderMap("request", lowerCased(parsePairs(headerPairs)));
  if ([":authority", ":method", ":path"].some((required) => map.get(required) === undefined)) {
    return Status.BAD_ARGUMENT;
  }
  if (bodySize > 0) map.replace("content-length", String(bodySize));
  const id = vm.context.root.startHttpCall({
    cluster: name,
    headers: map,
    body: bodyBytes,
    trailers: new HeaderMap("trailers", lowerCased(parsePairs(trailerPairs))),
    timeoutMs,
  });
  if (id === false) return Status.BAD_ARGUMENT;
  if (id === "no host") return Status.INTERNAL_FAILURE;
  vm.memory.setU32(idAt, id);
  return Status.OK;
}

function lowerCased(pairs: HeaderField[]): HeaderField[] {
  return pairs.map(([name, value]) => [lowerCase(name), value]);
}

/** The last failed call's status; its message is there only during `proxy_on_http_call_response`. */
function getStatus(vm: Vm, codeAt: number, pointerAt: number, sizeAt: number): number {
  const { code, message } = vm.context.root.callStatus;
  if (!vm.memory.setU32(codeAt, code)) return Status.INVALID_MEMORY_ACCESS;
  return returnBytes(vm, message, pointerAt, sizeAt);
}
