/** A VM that puts guard bytes around everything that the host hands to the filter. */
import { Vm } from "../../host-sim/wasm-host/vm.js";

/** Bytes on either side; a multiple of the alignment that a filter may expect. */
const GUARD = 32;

/** The filter starts its arena anew for each stream that an answer lets go on, so guards do not last until the callback's end. */
const RESETS = "proxy_on_http_call_response";

/** The filter has written outside of what the host gave to it. */
export class WroteOutside extends Error {}

export class GuardedVm extends Vm {
  /** What the guards hold: a filter that reads them behaves otherwise with another byte. */
  fill: number | undefined;
  #guarded: { at: number; size: number }[] = [];

  override allocate(size: number): number {
    // The module's own start comes before the first guard is set.
    if (this.fill === undefined) return super.allocate(size);
    const at = super.allocate(size + 2 * GUARD);
    if (at === 0) return 0;
    this.memory.view(at, size + 2 * GUARD)!.fill(this.fill);
    this.#guarded.push({ at, size });
    return at + GUARD;
  }

  override run(...call: Parameters<Vm["run"]>): number {
    if (this.fill === undefined) return super.run(...call);
    this.#guarded = [];
    const result = super.run(...call);
    if (call[1] === RESETS) return result;
    for (const { at, size } of this.#guarded) {
      this.#check(at, call[1]);
      this.#check(at + GUARD + size, call[1]);
    }
    return result;
  }

  #check(at: number, callback: string): void {
    const guard = this.memory.view(at, GUARD)!;
    for (let i = 0; i < GUARD; i++) {
      if (guard[i] !== this.fill) throw new WroteOutside(`${callback} wrote outside of what the host gave to it`);
    }
  }
}
