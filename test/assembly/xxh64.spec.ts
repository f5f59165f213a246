import { xxh64 } from "../../assembly/choose/xxh64";

describe("xxh64", () => {
  test("hashes no bytes as the specification's test vector says", () => {
    expect<u64>(xxh64(0, 0)).toBe(0xef46db3751d8e999);
  });
});
