/** Random bytes that a seed repeats: ChaCha20's keystream, from Node's crypto. */
import { createCipheriv, createHash, randomInt } from "node:crypto";

/** Printed in the names of the tests that use it, and taken back from LIMPET_SEED to repeat a run. */
export const seed = Number(process.env.LIMPET_SEED ?? randomInt(2 ** 31));

export class Random {
  private readonly stream;

  constructor(purpose: string) {
    const key = createHash("sha256").update(`${seed} ${purpose}`).digest();
    this.stream = createCipheriv("chacha20", key, Buffer.alloc(16));
  }

  bytes(size: number): Buffer {
    return this.stream.update(Buffer.alloc(size));
  }

  /** From 0 to `bound` - 1, bound up to 2^32. */
  below(bound: number): number {
    return this.bytes(6).readUIntLE(0, 6) % bound;
  }
}
