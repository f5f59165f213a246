/**
 * The guest's linear memory. Every access is checked against its current size, and survives its
 * growth (which detaches the old buffer). Pointers and sizes are unsigned 32-bit numbers.
 */
export class GuestMemory {
  readonly #memory: WebAssembly.Memory;
  #current: Buffer;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#current = Buffer.from(memory.buffer);
  }

  /** Size in bytes. */
  get size(): number {
    return this.#bytes.length;
  }

  /** The bytes as a string with one char a byte, or undefined if they are out of bounds. */
  text(pointer: number, size: number): string | undefined {
    return this.has(pointer, size) ? this.#bytes.toString("latin1", pointer, pointer + size) : undefined;
  }

  /** A view of the bytes, good until the guest runs again, or undefined if they are out of bounds. */
  view(pointer: number, size: number): Uint8Array | undefined {
    return this.has(pointer, size) ? new Uint8Array(this.#bytes.buffer, pointer, size) : undefined;
  }

  /** A copy of the bytes, or undefined if they are out of bounds. */
  copy(pointer: number, size: number): Uint8Array | undefined {
    return this.view(pointer, size)?.slice();
  }

  /** Writes; false if out of bounds. */
  setU32(pointer: number, value: number): boolean {
    if (!this.has(pointer, 4)) return false;
    this.#bytes.writeUInt32LE(value, pointer);
    return true;
  }

  /** Writes; false if out of bounds. */
  setU64(pointer: number, value: bigint): boolean {
    if (!this.has(pointer, 8)) return false;
    this.#bytes.writeBigUInt64LE(value, pointer);
    return true;
  }

  /** Writes bytes, or a string of one char a byte; false if out of bounds. */
  set(pointer: number, bytes: Uint8Array | string): boolean {
    if (!this.has(pointer, bytes.length)) return false;
    if (typeof bytes === "string") this.#bytes.write(bytes, pointer, "latin1");
    else this.#bytes.set(bytes, pointer);
    return true;
  }

  /** Envoy refuses a range outside of memory even if it is empty. */
  has(pointer: number, size: number): boolean {
    return pointer + size <= this.#bytes.length;
  }

  get #bytes(): Buffer {
    if (this.#current.length === 0) this.#current = Buffer.from(this.#memory.buffer);
    return this.#current;
  }
}
