import { Status } from "../abi.js";
import { METRIC_KINDS } from "../metrics.js";
import type { Vm } from "../vm.js";
import { env, type HostCall } from "./host-call.js";
import { written } from "./return-bytes.js";

/** proxy-wasm/spec v0.2.1 §Metrics. A metric's id ends in two bits which tell its kind, as in Envoy. */
export const METRIC_CALLS: HostCall[] = [
  env("proxy_define_metric", "(iiii)i", define, { note: "appears as wasmcustom.NAME" }),
  env("proxy_record_metric", "(il)i", record, { note: "adds to a counter, as Envoy does" }),
  env("proxy_increment_metric", "(il)i", increment, {
    note: "a counter takes only a positive offset; a histogram is BAD_ARGUMENT",
  }),
  env("proxy_get_metric", "(ii)i", get, { note: "a histogram is BAD_ARGUMENT" }),
];

function define(vm: Vm, kind: number, name: number, nameSize: number, idAt: number): number {
  const text = vm.memory.text(name, nameSize);
  if (text === undefined) return Status.INVALID_MEMORY_ACCESS;
  const kindName = METRIC_KINDS[kind];
  if (kindName === undefined) return Status.BAD_ARGUMENT;
  const id = vm.addMetric(kind, vm.services.metrics.define(kindName, text));
  return written(vm.memory.setU32(idAt, id));
}

function record(vm: Vm, id: number, signed: bigint): number {
  const value = BigInt.asUintN(64, signed);
  const metric = vm.metrics.get(id);
  if (metric === undefined) return Status.NOT_FOUND;
  if (metric.kind === "histogram") metric.record(value);
  else if (metric.kind === "counter") metric.add(value);
  else metric.value = value;
  return Status.OK;
}

function increment(vm: Vm, id: number, offset: bigint): number {
  if (!isScalarId(id)) return Status.BAD_ARGUMENT;
  const metric = vm.metrics.get(id);
  if (metric === undefined || metric.kind === "histogram") return Status.NOT_FOUND;
  if (metric.kind === "counter" && offset <= 0n) return Status.BAD_ARGUMENT;
  metric.add(offset);
  return Status.OK;
}

function get(vm: Vm, id: number, valueAt: number): number {
  if (!isScalarId(id)) return Status.BAD_ARGUMENT;
  const metric = vm.metrics.get(id);
  if (metric === undefined || metric.kind === "histogram") return Status.NOT_FOUND;
  return written(vm.memory.setU64(valueAt, metric.value));
}

/** Whether the id's kind is a counter or a gauge. */
function isScalarId(id: number): boolean {
  return (id & 3) < 2;
}
