/** The bytes in which Envoy hands an attribute to a filter (Envoy: `serializeValue` in wasm's context.cc). */
export const encode = {
  text: (value: string): Uint8Array => Buffer.from(value, "latin1"),
  /** 8 bytes, little-endian. */
  integer(value: number | bigint): Uint8Array {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return bytes;
  },
  boolean: (value: boolean): Uint8Array => Uint8Array.of(value ? 1 : 0),
};
