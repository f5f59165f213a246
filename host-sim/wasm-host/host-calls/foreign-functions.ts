import { deflateSync, inflateSync } from "node:zlib";
import { Status } from "../abi.js";
import { UnimplementedHostCall } from "../errors.js";
import type { Vm } from "../vm.js";
import { env, type HostCall } from "./host-call.js";

/** Gives the result, or a status that is not OK. */
type ForeignFunction = (vm: Vm, argument: Uint8Array) => Uint8Array | number;

const NO_RESULT = new Uint8Array(0);

const FOREIGN_FUNCTIONS = new Map<string, ForeignFunction>([
  ["clear_route_cache", clearRouteCache],
  ["compress", (_vm, argument) => deflateSync(argument)],
  ["uncompress", uncompress],
]);

/** Envoy has these too. */
const UNIMPLEMENTED = new Set([
  ...["declare_property", "expr_create", "expr_delete", "expr_evaluate"],
  ...["set_envoy_filter_state", "sign", "verify_signature"],
]);

/** proxy-wasm/spec v0.2.1 §Foreign function interface, and what Envoy's host offers besides. */
export const FOREIGN_FUNCTION_CALLS: HostCall[] = [
  env("proxy_call_foreign_function", "(iiiiii)i", callForeignFunction, {
    note: `${[...FOREIGN_FUNCTIONS.keys()].join(", ")}; traps for ${[...UNIMPLEMENTED].join(", ")}`,
  }),
  env("envoy_resolve_dns", "(iii)i", undefined, { specified: false, note: "traps: not implemented" }),
  env("pthread_equal", "(ii)i", (_vm: Vm, left: number, right: number) => (left === right ? 1 : 0), {
    specified: false,
  }),
  env("emscripten_notify_memory_growth", "(i)", () => undefined, { specified: false }),
];

function callForeignFunction(
  vm: Vm,
  name: number,
  nameSize: number,
  argument: number,
  argumentSize: number,
  pointerAt: number,
  sizeAt: number,
): number {
  const text = vm.memory.text(name, nameSize);
  const bytes = vm.memory.view(argument, argumentSize);
  if (text === undefined || bytes === undefined) return Status.INVALID_MEMORY_ACCESS;
  if (UNIMPLEMENTED.has(text)) throw new UnimplementedHostCall(`foreign function ${text}`);
  const result = FOREIGN_FUNCTIONS.get(text)?.(vm, bytes) ?? Status.NOT_FOUND;
  if (typeof result !== "number") return returnResult(vm, result, pointerAt, sizeAt);
  if (result === Status.NOT_FOUND) return result;
  // Envoy writes an empty result before it returns the error.
  const status = returnResult(vm, NO_RESULT, pointerAt, sizeAt);
  return status === Status.OK ? result : status;
}

/** Unlike other calls, a null pointer says that the guest does not want the result. */
function returnResult(vm: Vm, bytes: Uint8Array, pointerAt: number, sizeAt: number): number {
  const { counter } = vm;
  if (pointerAt !== 0) {
    const pointer = bytes.length === 0 ? 0 : vm.allocate(bytes.length);
    if (bytes.length > 0 && pointer === 0) return Status.INVALID_MEMORY_ACCESS;
    vm.memory.set(pointer, bytes);
    if (!vm.memory.setU32(pointerAt, pointer)) return Status.INVALID_MEMORY_ACCESS;
    counter.bytesReturned += bytes.length;
  }
  return sizeAt === 0 || vm.memory.setU32(sizeAt, bytes.length) ? Status.OK : Status.INVALID_MEMORY_ACCESS;
}

function clearRouteCache(vm: Vm): Uint8Array {
  vm.context.clearRouteCache();
  return NO_RESULT;
}

function uncompress(_vm: Vm, argument: Uint8Array): Uint8Array | number {
  try {
    return inflateSync(argument);
  } catch {
    return Status.SERIALIZATION_FAILURE;
  }
}
