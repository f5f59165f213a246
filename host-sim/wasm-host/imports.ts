import { UnimplementedHostCall } from "./errors.js";
import type { HostCall } from "./host-calls/host-call.js";
import { importableHostCall } from "./host-calls/table.js";
import type { Vm } from "./vm.js";

type Argument = number | bigint;
type Imported = (...args: Argument[]) => number | undefined;

/**
 * The functions that a module imports, bound to its VM.
 * @throws ModuleError if this host lacks one.
 */
export function importObject(module: WebAssembly.Module, vm: Vm): Record<string, Record<string, Imported>> {
  const imports: Record<string, Record<string, Imported>> = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] = bind(importableHostCall(from, name, kind, vm.abi), vm);
  }
  return imports;
}

/** Counts the calls, and makes i32 arguments unsigned. */
function bind({ name, call }: HostCall, vm: Vm): Imported {
  const run = call as ((vm: Vm, ...args: Argument[]) => number | undefined) | undefined;
  const counter = { count: 0, bytesReturned: 0 };
  vm.calls.set(name, counter);
  return (...args) => {
    vm.checkAllowed(name);
    if (run === undefined) throw new UnimplementedHostCall(name);
    for (let index = 0; index < args.length; index++) {
      const argument = args[index]!;
      if (typeof argument === "number") args[index] = argument >>> 0;
    }
    counter.count++;
    vm.counter = counter;
    return run(vm, ...args);
  };
}
