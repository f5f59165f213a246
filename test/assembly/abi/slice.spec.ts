import {
  NONE,
  Text,
  byteAt,
  containsIgnoringCase,
  equal,
  equalIgnoringCase,
  indexOf,
  lenOf,
  lower,
  part,
  ptrOf,
  slice,
  startsWith,
  trim,
  trimStart,
} from "../../../assembly/abi/slice";
import { bytes, hex, text, toHex } from "../bytes";

describe("a slice", () => {
  test("keeps pointer and length at their extremes", () => {
    const far = slice(0xfffffff0, 0x7fffffff);
    expect<usize>(ptrOf(far)).toBe(0xfffffff0);
    expect<i32>(lenOf(far)).toBe(0x7fffffff);
  });

  test("of no bytes is not NONE", () => {
    expect<bool>(bytes("") == NONE).toBe(false);
    expect<i32>(lenOf(bytes(""))).toBe(0);
  });

  test("gives its bytes and parts by index", () => {
    const word = bytes("limpet");
    expect<u8>(byteAt(word, 0)).toBe(0x6c);
    expect<u8>(byteAt(word, 5)).toBe(0x74);
    expect<string>(text(part(word, 1, 4))).toBe("imp");
    expect<i32>(lenOf(part(word, 6, 6))).toBe(0);
  });
});

describe("comparing", () => {
  test("equal wants the same length and bytes", () => {
    expect<bool>(equal(bytes("abc"), bytes("abc"))).toBe(true);
    expect<bool>(equal(bytes("abc"), bytes("abd"))).toBe(false);
    expect<bool>(equal(bytes("abc"), bytes("ab"))).toBe(false);
    expect<bool>(equal(bytes("abc"), bytes("ABC"))).toBe(false);
    expect<bool>(equal(bytes(""), NONE)).toBe(true);
    expect<bool>(equal(hex("00 ff"), hex("00 ff"))).toBe(true);
    expect<bool>(equal(hex("00 ff"), hex("00 fe"))).toBe(false);
    expect<bool>(equal(bytes("12345678"), bytes("12345678"))).toBe(true);
    expect<bool>(equal(bytes("12345678x"), bytes("12345678y"))).toBe(false);
    expect<bool>(equal(bytes("1234567x9"), bytes("1234567y9"))).toBe(false);
    expect<bool>(equal(bytes("0123456789abcdefg"), bytes("0123456789abcdefg"))).toBe(true);
  });

  test("startsWith wants the whole prefix", () => {
    expect<bool>(startsWith(bytes("abc"), bytes("ab"))).toBe(true);
    expect<bool>(startsWith(bytes("abc"), bytes(""))).toBe(true);
    expect<bool>(startsWith(bytes("ab"), bytes("abc"))).toBe(false);
    expect<bool>(startsWith(bytes("abc"), bytes("b"))).toBe(false);
  });

  test("lower changes A to Z and no other byte", () => {
    for (let byte = 0; byte < 256; byte++) {
      const isUpper = byte >= 0x41 && byte <= 0x5a;
      expect<u8>(lower(<u8>byte)).toBe(<u8>(isUpper ? byte + 0x20 : byte));
    }
  });

  test("equalIgnoringCase ignores the case of ASCII letters only", () => {
    expect<bool>(equalIgnoringCase(bytes("Set-COOKIE"), bytes("set-cookie"))).toBe(true);
    expect<bool>(equalIgnoringCase(bytes("a@"), bytes("A`"))).toBe(false);
    expect<bool>(equalIgnoringCase(bytes("a["), bytes("A{"))).toBe(false);
    expect<bool>(equalIgnoringCase(hex("c3 84"), hex("c3 a4"))).toBe(false);
    expect<bool>(equalIgnoringCase(bytes("abc"), bytes("ab"))).toBe(false);
  });

  test("containsIgnoringCase finds at the start, inside, at the end, and nothing beyond", () => {
    expect<bool>(containsIgnoringCase(bytes("Private, max-age=1"), bytes("private"))).toBe(true);
    expect<bool>(containsIgnoringCase(bytes("a, PRIVATE, b"), bytes("private"))).toBe(true);
    expect<bool>(containsIgnoringCase(bytes("public, no-STORE"), bytes("no-store"))).toBe(true);
    expect<bool>(containsIgnoringCase(bytes("privat"), bytes("private"))).toBe(false);
    expect<bool>(containsIgnoringCase(bytes(""), bytes("x"))).toBe(false);
  });
});

describe("searching", () => {
  test("indexOf finds the first byte at or behind a place", () => {
    const list = bytes("a;b;c");
    expect<i32>(indexOf(list, 0x3b)).toBe(1);
    expect<i32>(indexOf(list, 0x3b, 1)).toBe(1);
    expect<i32>(indexOf(list, 0x3b, 2)).toBe(3);
    expect<i32>(indexOf(list, 0x3b, 4)).toBe(-1);
    expect<i32>(indexOf(list, 0x3b, 9)).toBe(-1);
    expect<i32>(indexOf(NONE, 0x3b)).toBe(-1);
  });

  test("indexOf stays within the slice", () => {
    expect<i32>(indexOf(part(bytes("ab;"), 0, 2), 0x3b)).toBe(-1);
  });
});

describe("trimming", () => {
  test("takes blanks and tabs from both ends, and nothing else", () => {
    expect<string>(text(trim(bytes(" \t a b \t ")))).toBe("a b");
    expect<string>(text(trim(bytes("a")))).toBe("a");
    expect<string>(toHex(trim(hex("0a 20 0d")))).toBe("0a200d");
    expect<string>(toHex(trim(hex("c2 a0")))).toBe("c2a0");
  });

  test("of blanks alone leaves an empty slice", () => {
    expect<i32>(lenOf(trim(bytes(" \t ")))).toBe(0);
    expect<i32>(lenOf(trim(bytes("")))).toBe(0);
    expect<i32>(lenOf(trimStart(bytes("  ")))).toBe(0);
  });

  test("trimStart keeps the end", () => {
    expect<string>(text(trimStart(bytes(" a ")))).toBe("a ");
  });
});

describe("Text", () => {
  test("is UTF-8 that reads back as written", () => {
    const name = new Text("Schlüssel \u{1f511}");
    expect<string>(toHex(name.slice)).toBe("5363686cc3bc7373656c20f09f9491");
    expect<string>(name.toString()).toBe("Schlüssel \u{1f511}");
  });

  test("keeps a NUL byte, as property paths have it", () => {
    expect<string>(toHex(new Text("a\0b").slice)).toBe("610062");
  });
});
