import type { AbiVersion } from "./abi.js";
import type { CallbackName } from "./callbacks.js";
import { type Context, VmContext } from "./context.js";
import { FilterTrapped, type LogLine, ModuleError, RestrictedHostCall } from "./errors.js";
import { GuestMemory } from "./guest-memory.js";
import { importObject } from "./imports.js";
import { abiVersion } from "./load-module.js";
import type { Metric } from "./metrics.js";
import { AT_START, IN_ALLOCATOR, IN_START_SECTION, type Restriction } from "./restrictions.js";
import { RootContext } from "./root-context.js";
import type { HostServices, LogLevel, Plugin, PluginOptions, PluginStream, VmOptions, WasmVm } from "./types.js";
import { wasmStack } from "./wasm-stack.js";

type GuestFunction = (...args: number[]) => number | undefined;

/** Not a result that a guest can return: the host stops the stream, whatever the callback said. */
const STOPPED = -1;

/** A VM: one instance of a module, with its contexts. Semantics of proxy-wasm-cpp-host's `WasmBase`. */
export class Vm implements WasmVm {
  readonly abi: AbiVersion;
  readonly memory: GuestMemory;
  readonly calls = new Map<string, { count: number; bytesReturned: number }>();
  /** Every context by its id; 0 is the VM's own. */
  readonly contexts = new Map<number, Context>();
  /** Metrics by the ids that this VM gave them. */
  readonly metrics = new Map<number, Metric>();
  /** `NAME=value` and a NUL, one char a byte. */
  readonly environment: readonly string[];
  readonly wants: PluginStream["wants"];
  /** Counts for the host call that runs. */
  counter = { count: 0, bytesReturned: 0 };
  /** The first trap: no callback runs any more. */
  failure: FilterTrapped | undefined;
  /** Gets what the guest logs, besides the services. */
  onLog: ((line: LogLine) => void) | undefined;

  readonly #functions: Record<string, GuestFunction | undefined>;
  readonly #allocator: "malloc" | "proxy_on_memory_allocate";
  readonly #vmContext: VmContext;
  #current: Context | undefined;
  #effectiveId = 0;
  /** Where the guest runs, if host calls are restricted there. */
  #restricted: Restriction | undefined = IN_START_SECTION;
  #stopIteration = false;
  readonly #deferred: (() => void)[] = [];
  #nextContextId = 1;
  #nextHttpCallId = 0;
  readonly #nextMetricIds = [0, 1, 2];

  constructor(
    module: WebAssembly.Module,
    readonly services: HostServices,
    readonly options: VmOptions,
  ) {
    this.abi = abiVersion(module);
    this.environment = Object.entries(options.environment).map(([name, value]) =>
      Buffer.from(`${name}=${value}\0`).toString("latin1"),
    );
    const { exports } = instantiate(module, importObject(module, this));
    this.#restricted = undefined;
    this.memory = new GuestMemory(exports.memory as WebAssembly.Memory);
    this.#functions = exports as Record<string, GuestFunction | undefined>;
    this.#allocator = this.exports("malloc") ? "malloc" : "proxy_on_memory_allocate";
    this.wants = {
      requestBody: this.exports("proxy_on_request_body"),
      responseBody: this.exports("proxy_on_response_body"),
    };
    this.#vmContext = new VmContext(this, 0);
    this.contexts.set(0, this.#vmContext);
    this.#startModule();
  }

  get failed(): boolean {
    return this.failure !== undefined;
  }

  get memoryBytes(): number {
    return this.memory.size;
  }

  startPlugin(options: PluginOptions): Plugin {
    if (this.failure !== undefined) throw this.failure;
    const root = this.addContext((id) => new RootContext(this, id, options));
    root.start();
    return root;
  }

  /** Whether the module has the callback. */
  exports(name: CallbackName): boolean {
    return typeof this.#functions[name] === "function";
  }

  /** True while the guest runs: what comes from outside has to wait. */
  get running(): boolean {
    return this.#current !== undefined;
  }

  /** The context that a host call acts on: the effective one, if it still lives, else the callback's. */
  get context(): Context {
    const effective = this.#effectiveId === 0 ? undefined : this.contexts.get(this.#effectiveId);
    return effective ?? this.#current!;
  }

  /** Until the callback returns. @returns false if there is no such context. */
  setEffectiveContext(id: number): boolean {
    if (!this.contexts.has(id)) return false;
    this.#effectiveId = id;
    return true;
  }

  /**
   * Calls a callback, if the module has it, then does what it asked for.
   * @returns its result as an unsigned number, 0 if it has none, `-1` if the host stops the stream.
   * @throws FilterTrapped
   */
  run(context: Context, name: CallbackName, a: number, b = 0, c = 0, d = 0, e = 0): number {
    if (this.failure !== undefined) throw this.failure;
    const callback = this.#functions[name];
    if (callback === undefined) return 0;
    if (this.running) throw new Error(`${name} called by the host while the guest runs`);
    this.#current = context;
    let result: number | undefined;
    try {
      result = callback(a, b, c, d, e);
    } catch (error) {
      this.#fail(name, error);
    } finally {
      this.#current = undefined;
      this.#effectiveId = 0;
    }
    // The allocator may have trapped, which the callback does not notice.
    if (this.failure !== undefined) throw this.failure;
    const stopped = this.#stopIteration;
    this.#stopIteration = false;
    for (let action = this.#deferred.shift(); action !== undefined; action = this.#deferred.shift()) action();
    return stopped ? STOPPED : (result ?? 0) >>> 0;
  }

  /** The host stops the stream after this callback: a local reply is on its way. */
  stopIteration(): void {
    this.#stopIteration = true;
  }

  /** Does it after the callback that runs now. */
  defer(action: () => void): void {
    this.#deferred.push(action);
  }

  /**
   * Memory in the guest from its allocator (Envoy prefers `malloc`).
   * @returns 0 if there is none, or if the allocator trapped: then the VM has failed, but the callback goes on.
   */
  allocate(size: number): number {
    const [current, effectiveId] = [this.#current, this.#effectiveId];
    this.#current = this.#vmContext;
    this.#effectiveId = 0;
    this.#restricted = IN_ALLOCATOR;
    try {
      const pointer = this.#functions[this.#allocator]!(size)! >>> 0;
      return this.memory.has(pointer, size) ? pointer : 0;
    } catch (error) {
      this.#fail(this.#allocator, error);
      return 0;
    } finally {
      this.#restricted = undefined;
      this.#current = current;
      this.#effectiveId = effectiveId;
    }
  }

  /** Before each host call. @throws RestrictedHostCall, which traps the guest. */
  checkAllowed(name: string): void {
    if (this.#restricted !== undefined && !this.#restricted.allowed.has(name)) {
      throw new RestrictedHostCall(name, this.#restricted.where);
    }
  }

  log(level: LogLevel, message: string): void {
    this.onLog?.({ level, message });
    this.services.log(level, this.context.pluginName, message);
  }

  /** Creates a context under the next id that is free. */
  addContext<C extends Context>(create: (id: number) => C): C {
    let id: number;
    do {
      id = this.#nextContextId;
      this.#nextContextId = (id + 1) >>> 0;
    } while (this.contexts.has(id));
    const context = create(id);
    this.contexts.set(id, context);
    return context;
  }

  /** A new id for the metric; `kind` is the ABI's number. */
  addMetric(kind: number, metric: Metric): number {
    const id = this.#nextMetricIds[kind]! + 4;
    this.#nextMetricIds[kind] = id;
    this.metrics.set(id, metric);
    return id;
  }

  nextHttpCallId(): number {
    this.#nextHttpCallId = (this.#nextHttpCallId + 4) >>> 0;
    return this.#nextHttpCallId;
  }

  /** `_initialize` and `main` of a WASI reactor, else `_start`. */
  #startModule(): void {
    this.#restricted = AT_START;
    const reactor: CallbackName[] = ["_initialize", this.exports("main") ? "main" : "__main_void"];
    for (const name of this.exports("_initialize") ? reactor : (["_start"] as const)) {
      this.run(this.#vmContext, name, 0);
    }
    this.#restricted = undefined;
  }

  #fail(callback: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const failure = new FilterTrapped(callback, reason, wasmStack(error), { cause: error });
    this.services.log("error", this.context.pluginName, failure.message);
    this.failure ??= failure;
    for (const context of this.contexts.values()) {
      if (context instanceof RootContext) context.abandon();
    }
  }
}

function instantiate(module: WebAssembly.Module, imports: ReturnType<typeof importObject>): WebAssembly.Instance {
  try {
    return new WebAssembly.Instance(module, imports);
  } catch (cause) {
    throw new ModuleError(`the module cannot be instantiated: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Instantiates a module for one worker and runs its `_initialize` (and `main`) or `_start`.
 * @param module from `loadModule`.
 * @throws ModuleError for an import that this host does not have, FilterTrapped.
 */
export async function createVm(
  module: WebAssembly.Module,
  services: HostServices,
  options: VmOptions,
): Promise<WasmVm> {
  return new Vm(module, services, options);
}
