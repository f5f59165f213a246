import { LAST_MAP_TYPE, Status } from "../abi.js";
import { lowerCase } from "../header-map.js";
import { parsePairs, serialisePairs } from "../pairs.js";
import type { HeaderMap } from "../types.js";
import type { Vm } from "../vm.js";
import { env, type HostCall } from "./host-call.js";
import { returnBytes, written } from "./return-bytes.js";

/** proxy-wasm/spec v0.2.1 §HTTP fields. A map that is not there (any more) is BAD_ARGUMENT, as in Envoy. */
export const HEADER_MAP_CALLS: HostCall[] = [
  env("proxy_get_header_map_size", "(ii)i", getSize, {
    note: "the sum of the lengths of names and values, only of maps that may be changed, as in Envoy",
  }),
  env("proxy_get_header_map_pairs", "(iii)i", getPairs, { note: "a map that is not there reads as empty" }),
  env("proxy_set_header_map_pairs", "(iii)i", setPairs, { note: "malformed pairs empty the map" }),
  env("proxy_get_header_map_value", "(iiiii)i", getValue, { note: "the first field of that name" }),
  env("proxy_add_header_map_value", "(iiiii)i", addValue),
  env("proxy_replace_header_map_value", "(iiiii)i", replaceValue),
  env("proxy_remove_header_map_value", "(iii)i", removeValue),
];

function getSize(vm: Vm, type: number, sizeAt: number): number {
  if (type > LAST_MAP_TYPE) return Status.BAD_ARGUMENT;
  const map = vm.context.writableMap(type);
  if (map === undefined) return Status.BAD_ARGUMENT;
  const size = map.fields.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return written(vm.memory.setU32(sizeAt, size));
}

function getPairs(vm: Vm, type: number, pointerAt: number, sizeAt: number): number {
  if (type > LAST_MAP_TYPE) return Status.BAD_ARGUMENT;
  const fields = vm.context.readableMap(type)?.fields ?? [];
  return returnBytes(vm, fields.length === 0 ? "" : serialisePairs(fields), pointerAt, sizeAt);
}

function setPairs(vm: Vm, type: number, pointer: number, size: number): number {
  if (type > LAST_MAP_TYPE) return Status.BAD_ARGUMENT;
  const bytes = vm.memory.view(pointer, size);
  if (bytes === undefined) return Status.INVALID_MEMORY_ACCESS;
  return change(vm, type, (map) => {
    map.fields.length = 0;
    for (const [name, value] of parsePairs(bytes)) map.add(lowerCase(name), value);
  });
}

function getValue(vm: Vm, type: number, key: number, keySize: number, pointerAt: number, sizeAt: number): number {
  if (type > LAST_MAP_TYPE) return Status.BAD_ARGUMENT;
  const name = vm.memory.text(key, keySize);
  if (name === undefined) return Status.INVALID_MEMORY_ACCESS;
  const map = vm.context.readableMap(type);
  if (map === undefined) return vm.context.logging ? absent(vm, pointerAt, sizeAt) : Status.BAD_ARGUMENT;
  const value = map.get(lowerCase(name));
  return value === undefined ? absent(vm, pointerAt, sizeAt) : returnBytes(vm, value, pointerAt, sizeAt);
}

/** ABI 0.1.0 knows no difference between an absent field and an empty one. */
function absent(vm: Vm, pointerAt: number, sizeAt: number): number {
  return vm.abi === "0.1.0" ? returnBytes(vm, "", pointerAt, sizeAt) : Status.NOT_FOUND;
}

function addValue(vm: Vm, type: number, key: number, keySize: number, value: number, valueSize: number): number {
  return setField(vm, type, key, keySize, value, valueSize, (map, name, text) => map.add(name, text));
}

function replaceValue(vm: Vm, type: number, key: number, keySize: number, value: number, valueSize: number): number {
  return setField(vm, type, key, keySize, value, valueSize, (map, name, text) => map.replace(name, text));
}

function setField(
  vm: Vm,
  type: number,
  key: number,
  keySize: number,
  value: number,
  valueSize: number,
  set: (map: HeaderMap, name: string, value: string) => void,
): number {
  if (type > LAST_MAP_TYPE) return Status.BAD_ARGUMENT;
  const name = vm.memory.text(key, keySize);
  const text = vm.memory.text(value, valueSize);
  if (name === undefined || text === undefined) return Status.INVALID_MEMORY_ACCESS;
  return change(vm, type, (map) => set(map, lowerCase(name), text));
}

function removeValue(vm: Vm, type: number, key: number, keySize: number): number {
  if (type > LAST_MAP_TYPE) return Status.BAD_ARGUMENT;
  const name = vm.memory.text(key, keySize);
  if (name === undefined) return Status.INVALID_MEMORY_ACCESS;
  return change(vm, type, (map) => map.remove(lowerCase(name)));
}

function change(vm: Vm, type: number, apply: (map: HeaderMap) => void): number {
  const { context } = vm;
  const map = context.writableMap(type);
  if (map === undefined) return Status.BAD_ARGUMENT;
  apply(map);
  context.mapChanged(type);
  return Status.OK;
}
