import type { WasmFilter } from "../../envoy-config/index.js";
import type { Runtime } from "../runtime.js";
import type { PluginUse, WorkerVms } from "./worker-vms.js";

/** A VM that failed is replaced this long after it was made, at the earliest, in nanoseconds; a random half is added (Envoy's default `reload_config`). */
const RELOAD_INTERVAL = 1_000_000_000;

/** What a new stream gets of a filter: its plugin and VM, nothing at all (failed open), or a refusal. */
export type SlotState = PluginUse | "open" | "closed";

/** A wasm filter's place in one worker's filter chain; replaces its VM after a trap if the policy says so. */
export class PluginSlot {
  #loadedAt: bigint;
  #reload: Promise<SlotState> | undefined;
  #interval: number;
  #stopped = false;

  private constructor(
    readonly filter: WasmFilter,
    private use: PluginUse,
    private readonly vms: WorkerVms,
    private readonly runtime: Runtime,
  ) {
    this.#loadedAt = runtime.clock.now();
    this.#interval = this.#nextInterval();
  }

  /** Starts the plugin; rejects as `WorkerVms.use` does. */
  static async start(filter: WasmFilter, vms: WorkerVms, runtime: Runtime): Promise<PluginSlot> {
    return new PluginSlot(filter, await vms.use(filter), vms, runtime);
  }

  /** The state for a new stream; a promise while the VM is being replaced. */
  acquire(): SlotState | Promise<SlotState> {
    if (!this.use.vm.failed) return this.use;
    switch (this.filter.failurePolicy) {
      case "FAIL_OPEN":
        return "open";
      case "FAIL_CLOSED":
        return "closed";
      case "FAIL_RELOAD":
        if (this.#reload !== undefined) return this.#reload;
        if (this.runtime.clock.now() - this.#loadedAt < BigInt(this.#interval)) return "closed";
        this.#reload = this.#replace();
        return this.#reload;
    }
  }

  stop(): void {
    this.#stopped = true;
    this.use.release();
  }

  async #replace(): Promise<SlotState> {
    this.#loadedAt = this.runtime.clock.now();
    this.#interval = this.#nextInterval();
    try {
      const fresh = await this.vms.use(this.filter);
      if (this.#stopped) fresh.release();
      else {
        this.use.release();
        this.use = fresh;
      }
      this.runtime.stats.counter(`wasm.${this.filter.name}.vm_reload_success`).inc();
      return fresh;
    } catch (error) {
      this.runtime.stats.counter(`wasm.${this.filter.name}.vm_reload_failure`).inc();
      this.runtime.log(
        "error",
        "wasm",
        `plugin ${this.filter.name} could not be reloaded: ${(error as Error).message}`,
      );
      return "closed";
    } finally {
      this.#reload = undefined;
    }
  }

  #nextInterval(): number {
    return Math.floor(RELOAD_INTERVAL * (1 + this.runtime.random() / 2));
  }
}
