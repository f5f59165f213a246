import { LAST_STREAM_TYPE, STREAM_DIRECTIONS, Status, UPSTREAM } from "../abi.js";
import { lowerCase } from "../header-map.js";
import { parsePairs } from "../pairs.js";
import type { StreamDirection } from "../types.js";
import type { Vm } from "../vm.js";
import { env, type HostCall } from "./host-call.js";

/**
 * proxy-wasm/spec v0.2.1 §Common HTTP and TCP stream operations and §HTTP streams. What they ask for
 * is done after the callback has returned; outside of a stream they do nothing, and TCP streams there
 * are none.
 */
export const STREAM_CALLS: HostCall[] = [
  env("proxy_continue_stream", "(i)i", continueStream, { abi: ["0.2.0", "0.2.1"] }),
  env("proxy_close_stream", "(i)i", closeStream, { abi: ["0.2.0", "0.2.1"] }),
  env("proxy_send_local_response", "(iiiiiiii)i", sendLocalResponse),
  env("proxy_continue_request", "()i", (vm: Vm) => resume(vm, "request"), { abi: ["0.1.0"], specified: false }),
  env("proxy_continue_response", "()i", (vm: Vm) => resume(vm, "response"), { abi: ["0.1.0"], specified: false }),
  env("proxy_clear_route_cache", "()i", clearRouteCache, {
    abi: ["0.1.0"],
    specified: false,
    note: 'later ABIs: proxy_call_foreign_function("clear_route_cache")',
  }),
];

function continueStream(vm: Vm, type: number): number {
  if (type > LAST_STREAM_TYPE) return Status.BAD_ARGUMENT;
  if (type === UPSTREAM) return Status.UNIMPLEMENTED;
  const direction = STREAM_DIRECTIONS[type];
  return direction === undefined ? Status.OK : resume(vm, direction);
}

function resume(vm: Vm, direction: StreamDirection): number {
  vm.context.continueStream(direction);
  return Status.OK;
}

function closeStream(vm: Vm, type: number): number {
  if (type > LAST_STREAM_TYPE) return Status.BAD_ARGUMENT;
  const direction = STREAM_DIRECTIONS[type];
  if (direction !== undefined) vm.context.closeStream(direction);
  return Status.OK;
}

function sendLocalResponse(
  vm: Vm,
  status: number,
  details: number,
  detailsSize: number,
  body: number,
  bodySize: number,
  headers: number,
  headersSize: number,
  grpcStatus: number,
): number {
  const detailsText = vm.memory.text(details, detailsSize);
  const bodyBytes = vm.memory.copy(body, bodySize);
  const pairs = vm.memory.view(headers, headersSize);
  if (detailsText === undefined || bodyBytes === undefined || pairs === undefined) return Status.INVALID_MEMORY_ACCESS;
  vm.context.sendLocalReply({
    status,
    details: detailsText.replace(/[\t\n\v\f\r ]/g, "_"),
    body: bodyBytes,
    headers: parsePairs(pairs).map(([name, value]) => [lowerCase(name), value]),
    grpcStatus: grpcStatus | 0,
  });
  vm.stopIteration();
  return Status.OK;
}

function clearRouteCache(vm: Vm): number {
  vm.context.clearRouteCache();
  return Status.OK;
}
