import { lenOf, part, ptrOf } from "../../../assembly/abi/slice";
import { sipHash } from "../../../assembly/learn/siphash";
import { hex } from "../bytes";

/** The reference implementation's `vectors_sip64`: the key is 00 to 0f, the message of length n is 00 to n-1. */
const VECTORS: StaticArray<u64> = [
  0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d, 0xcf2794e0277187b7,
  0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137, 0x93f5f5799a932462, 0x9e0082df0ba9e4b0,
  0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7, 0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee,
  0xa129ca6149be45e5,
];

const MESSAGE = hex("000102030405060708090a0b0c0d0e0f");

describe("SipHash-2-4", () => {
  test("gives the reference's hashes", () => {
    for (let i = 0; i < VECTORS.length; i++) {
      expect<u64>(sipHash(part(MESSAGE, 0, i), ptrOf(MESSAGE))).toBe(VECTORS[i], `${i} bytes`);
    }
    expect<i32>(lenOf(MESSAGE)).toBe(16);
  });

  test("depends on every bit of the key", () => {
    const other = hex("000102030405060708090a0b0c0d0e8f");
    expect<bool>(sipHash(MESSAGE, ptrOf(other)) == sipHash(MESSAGE, ptrOf(MESSAGE))).toBe(false);
  });
});
