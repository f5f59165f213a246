import { Status } from "../abi.js";
import type { Vm } from "../vm.js";
import { env, type HostCall } from "./host-call.js";
import { returnBytes } from "./return-bytes.js";

/** proxy-wasm/spec v0.2.1 §Properties. */
export const PROPERTY_CALLS: HostCall[] = [
  env("proxy_get_property", "(iiii)i", getProperty, { note: "which attributes there are is the proxy's matter" }),
  env("proxy_set_property", "(iiii)i", setProperty, { note: "NOT_FOUND outside of a stream" }),
];

function getProperty(vm: Vm, path: number, pathSize: number, pointerAt: number, sizeAt: number): number {
  const text = vm.memory.text(path, pathSize);
  if (text === undefined) return Status.INVALID_MEMORY_ACCESS;
  if (text === "") return Status.SERIALIZATION_FAILURE;
  const value = vm.context.property(pathParts(text));
  return value === undefined ? Status.NOT_FOUND : returnBytes(vm, value, pointerAt, sizeAt);
}

function setProperty(vm: Vm, path: number, pathSize: number, value: number, valueSize: number): number {
  const text = vm.memory.text(path, pathSize);
  const bytes = vm.memory.copy(value, valueSize);
  if (text === undefined || bytes === undefined) return Status.INVALID_MEMORY_ACCESS;
  return vm.context.setProperty(text.split("\0"), bytes) ? Status.OK : Status.NOT_FOUND;
}

/** Splits at NUL; one NUL at the end ends the last part. */
function pathParts(path: string): string[] {
  return (path.endsWith("\0") ? path.slice(0, -1) : path).split("\0");
}
