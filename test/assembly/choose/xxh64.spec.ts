import { Slice, part, slice } from "../../../assembly/abi/slice";
import { xxh64 } from "../../../assembly/choose/xxh64";
import { bytes } from "../bytes";

const PRIME_32: u64 = 2654435761;

/** The bytes that xxHash's own sanity test hashes. */
function sanityBytes(): Slice {
  const at = heap.alloc(222);
  let generator = PRIME_32;
  for (let i = 0; i < 222; i++) {
    store<u8>(at + i, <u8>(generator >> 56));
    generator *= 0x9e3779b185ebca8d;
  }
  return slice(at, 222);
}

describe("xxh64", () => {
  test("is that of xxHash's sanity test, of every path through the code", () => {
    const sanity = sanityBytes();
    const lengths = [0, 1, 4, 14, 31, 32, 222];
    const hashes: u64[] = [
      0xef46db3751d8e999, 0xe934a84adb052768, 0x9136a0dca57457ee, 0x8282dcc4994e35c8, 0x299b39a290e6d783,
      0x18b216492bb44b70, 0xb641ae8cb691c174,
    ];
    const seeded: u64[] = [
      0xac75fda2929b17ef, 0x5014607643a9b4c3, 0xcaab286bd8e9fdb5, 0xc3bd6bf63deb6df0, 0xda673d5feb5c1d79,
      0xb3f33bdf93ade409, 0x20cb8ab7ae10c14a,
    ];
    for (let i = 0; i < lengths.length; i++) {
      expect<u64>(xxh64(part(sanity, 0, lengths[i]), 0)).toBe(hashes[i]);
      expect<u64>(xxh64(part(sanity, 0, lengths[i]), PRIME_32)).toBe(seeded[i]);
    }
  });

  test("of texts is what others publish", () => {
    expect<u64>(xxh64(bytes("a"), 0)).toBe(0xd24ec4f1a98c6e5b);
    expect<u64>(xxh64(bytes("abc"), 0)).toBe(0x44bc2cf5ad770999);
    expect<u64>(xxh64(bytes("Nobody inspects the spammish repetition"), 0)).toBe(0xfbcea83c8a378bf1);
  });
});
