import { Status } from "../abi.js";
import type { Vm } from "../vm.js";
import { env, type HostCall } from "./host-call.js";
import { returnBytes, written } from "./return-bytes.js";

/** proxy-wasm/spec v0.2.1 §Shared Queues. */
export const SHARED_QUEUE_CALLS: HostCall[] = [
  env("proxy_register_shared_queue", "(iii)i", register),
  env("proxy_resolve_shared_queue", "(iiiii)i", resolve, { note: "an empty vm_id is the VM's own" }),
  env("proxy_enqueue_shared_queue", "(iii)i", enqueue),
  env("proxy_dequeue_shared_queue", "(iii)i", dequeue),
];

function register(vm: Vm, name: number, nameSize: number, idAt: number): number {
  const text = vm.memory.text(name, nameSize);
  if (text === undefined) return Status.INVALID_MEMORY_ACCESS;
  const { root } = vm.context;
  const id = vm.services.sharedQueues.register(vm.options.vmId, text, (queue) => root.announceQueue(queue));
  return written(vm.memory.setU32(idAt, id));
}

function resolve(vm: Vm, vmId: number, vmIdSize: number, name: number, nameSize: number, idAt: number): number {
  const owner = vm.memory.text(vmId, vmIdSize);
  const text = vm.memory.text(name, nameSize);
  if (owner === undefined || text === undefined) return Status.INVALID_MEMORY_ACCESS;
  const id = vm.services.sharedQueues.resolve(owner || vm.options.vmId, text);
  return id === undefined ? Status.NOT_FOUND : written(vm.memory.setU32(idAt, id));
}

function enqueue(vm: Vm, id: number, value: number, valueSize: number): number {
  const bytes = vm.memory.view(value, valueSize);
  if (bytes === undefined) return Status.INVALID_MEMORY_ACCESS;
  return vm.services.sharedQueues.enqueue(id, bytes) ? Status.OK : Status.NOT_FOUND;
}

function dequeue(vm: Vm, id: number, pointerAt: number, sizeAt: number): number {
  const item = vm.services.sharedQueues.dequeue(id);
  if (item === "no such queue") return Status.NOT_FOUND;
  return item === "empty" ? Status.EMPTY : returnBytes(vm, item, pointerAt, sizeAt);
}
