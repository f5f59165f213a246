import { crc32, crc32OfNumber } from "../../../assembly/choose/crc32";
import { bytes, hex } from "../bytes";

describe("crc32", () => {
  test("has the catalogue's check value, and others that are published", () => {
    expect<u32>(crc32(bytes("123456789"))).toBe(0xcbf43926);
    expect<u32>(crc32(bytes("The quick brown fox jumps over the lazy dog"))).toBe(0x414fa339);
    expect<u32>(crc32(hex("00 00 00 00"))).toBe(0x2144df1c);
    expect<u32>(crc32(bytes(""))).toBe(0);
    expect<u32>(crc32(0)).toBe(0);
  });

  test("goes on from a checksum", () => {
    expect<u32>(crc32(bytes("6789"), crc32(bytes("12345")))).toBe(0xcbf43926);
    expect<u32>(crc32OfNumber(0x34333231, 0)).toBe(crc32(bytes("1234")));
    expect<u32>(crc32(bytes("56789"), crc32OfNumber(0x34333231, 0))).toBe(0xcbf43926);
  });
});
