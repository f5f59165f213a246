import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { WasmFilter } from "../../envoy-config/index.js";
import { createVm, type HostServices, loadModule, type Plugin, type WasmVm } from "../../wasm-host/index.js";

/** A filter's compiled code and the hash that identifies it. */
interface Code {
  module: WebAssembly.Module;
  hash: string;
}

/** Compiles each module file once for all workers; the path is relative to the working directory, as in Envoy. */
export class CodeCache {
  readonly #byHash = new Map<string, Promise<Code>>();

  /** Reads the file anew: it may have been replaced since. */
  async load(path: string): Promise<Code> {
    const bytes = await readFile(resolve(path));
    const hash = createHash("sha256").update(bytes).digest("hex");
    let code = this.#byHash.get(hash);
    if (code === undefined) {
      code = loadModule(bytes).then((module) => ({ module, hash }));
      this.#byHash.set(hash, code);
    }
    return code;
  }
}

/** A VM and the plugins in it. */
interface RunningVm {
  vm: WasmVm;
  plugins: Map<string, RunningPlugin>;
}

interface RunningPlugin {
  plugin: Plugin;
  users: number;
}

/** A plugin in use: two filters with the same settings share one (Envoy: `PluginHandle`). */
export interface PluginUse {
  readonly plugin: Plugin;
  readonly vm: WasmVm;
  /** Ends the plugin, and its VM, once nobody uses them any more. */
  release(): void;
}

/** One worker's VMs: shared by filters with equal vm_id, VM configuration and code (Envoy: `makeVmKey`). */
export class WorkerVms {
  readonly #vms = new Map<string, Promise<RunningVm>>();

  constructor(
    private readonly services: HostServices,
    private readonly codes: CodeCache,
  ) {}

  /**
   * Starts the filter's plugin in its VM, or finds it running.
   * @throws PluginRefused, ModuleError, FilterTrapped, or the file system's error about the code
   */
  async use(filter: WasmFilter): Promise<PluginUse> {
    const { module, hash } = await this.codes.load(filter.codePath);
    const vmKey = JSON.stringify([filter.vmId, hex(filter.vmConfiguration), hash]);
    const running = await this.#vm(vmKey, filter, module);
    const { name, rootId, configuration } = filter;
    const pluginKey = JSON.stringify([name, rootId, hex(configuration)]);
    const used = running.plugins.get(pluginKey) ?? { plugin: this.#start(vmKey, running, filter), users: 0 };
    running.plugins.set(pluginKey, used);
    used.users++;
    const release = () => {
      if (--used.users > 0) return;
      running.plugins.delete(pluginKey);
      if (!running.vm.failed) used.plugin.stop();
      if (running.plugins.size === 0) this.#forget(vmKey, running);
    };
    return { plugin: used.plugin, vm: running.vm, release };
  }

  #start(vmKey: string, running: RunningVm, { name, rootId, configuration }: WasmFilter): Plugin {
    try {
      return running.vm.startPlugin({ name, rootId, configuration });
    } catch (error) {
      if (running.plugins.size === 0) this.#forget(vmKey, running);
      throw error;
    }
  }

  async #vm(key: string, filter: WasmFilter, module: WebAssembly.Module): Promise<RunningVm> {
    const known = await this.#vms.get(key);
    if (known !== undefined && !known.vm.failed) return known;
    const { vmId, vmConfiguration, environment } = filter;
    const options = { vmId, vmConfiguration, environment: resolveEnvironment(environment) };
    const fresh = createVm(module, this.services, options).then((vm) => ({ vm, plugins: new Map() }));
    this.#vms.set(key, fresh);
    fresh.catch(() => this.#vms.delete(key));
    return fresh;
  }

  async #forget(key: string, running: RunningVm): Promise<void> {
    if ((await this.#vms.get(key)) === running && running.plugins.size === 0) this.#vms.delete(key);
  }
}

/** The process's variables that are passed on, and those of the file. */
export function resolveEnvironment({ hostEnvKeys, keyValues }: WasmFilter["environment"]): Record<string, string> {
  const fromHost = hostEnvKeys.flatMap((key): [string, string][] => {
    const value = process.env[key];
    return value === undefined ? [] : [[key, value]];
  });
  return { ...Object.fromEntries(fromHost), ...keyValues };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
