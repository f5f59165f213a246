/** A value and its compare-and-swap number, which is never 0. */
export interface SharedValue {
  value: Uint8Array;
  cas: number;
}

/**
 * The key-value store that all VMs of a `vm_id` share (proxy-wasm/spec v0.2.1 §Shared Key-Value
 * Store). One for the process; the CAS number counts up over all keys, as in Envoy.
 */
export class SharedData {
  readonly #values = new Map<string, Map<string, SharedValue>>();
  #nextCas = 1;

  get(vmId: string, key: string): SharedValue | undefined {
    return this.#values.get(vmId)?.get(key);
  }

  /**
   * Stores a copy of the value. `cas` 0 always writes; another must be the stored value's number, or
   * the key must be new (Envoy does not look at `cas` then).
   * @returns false on a mismatch, and nothing is written.
   */
  set(vmId: string, key: string, value: Uint8Array, cas: number): boolean {
    let ofVm = this.#values.get(vmId);
    if (ofVm === undefined) {
      ofVm = new Map();
      this.#values.set(vmId, ofVm);
    }
    const stored = ofVm.get(key);
    if (stored !== undefined && cas !== 0 && cas !== stored.cas) return false;
    ofVm.set(key, { value: new Uint8Array(value), cas: this.#takeCas() });
    return true;
  }

  #takeCas(): number {
    const cas = this.#nextCas;
    this.#nextCas = cas === 0xffffffff ? 1 : cas + 1;
    return cas;
  }
}
