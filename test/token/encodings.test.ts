/** Base64url and endpoints, held against Node's own. */
import { beforeAll, describe, expect, test } from "vitest";
import { TokenVm, tokenModule } from "./module.js";
import { newProcess } from "./process.js";
import { Random, seed } from "./seed.js";

let vm: TokenVm;
beforeAll(async () => {
  vm = new TokenVm(
    await tokenModule(),
    newProcess(() => false),
  );
});

describe("base64url", () => {
  test(`encodes and decodes as Node does (LIMPET_SEED=${seed})`, () => {
    const random = new Random("base64url");
    for (let size = 0; size < 200; size++) {
      const bytes = random.bytes(size);
      const text = bytes.toString("base64url");
      expect(vm.map("encode", bytes)?.toString()).toBe(text);
      expect(vm.map("decode", text)).toEqual(bytes);
    }
  });

  test.each(["A", "AAAAA", "AA==", "AAA=", "+AAA", "/AAA", "AA A", "AAA\n", "AB", "AAB", "é", "\0AAA"])(
    "%j is none",
    (text) => {
      expect(vm.map("decode", text)).toBeUndefined();
    },
  );
});

describe("an endpoint", () => {
  test.each([
    ["0.0.0.0:1", "00000000 0001"],
    ["255.255.255.255:65535", "ffffffff ffff"],
    ["10.1.2.3:8080", "0a010203 1f90"],
    ["[::1]:443", "00000000000000000000000000000001 01bb"],
    ["[2001:db8::1]:80", "20010db8000000000000000000000001 0050"],
    ["[fe80::]:80", "fe800000000000000000000000000000 0050"],
    ["[1:2:3:4:5:6:7:8]:80", "00010002000300040005000600070008 0050"],
    ["[1:0:3:4:5:6:7:8]:80", "00010000000300040005000600070008 0050"],
    ["[1:0:0:4::8]:80", "00010000000000040000000000000008 0050"],
    ["[1::4:0:0:8]:80", "00010000000000000004000000000008 0050"],
    ["[1::4:5:0:0:8]:80", "00010000000000040005000000000008 0050"],
    ["[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535", `${"f".repeat(32)} ffff`],
  ])("%s", (text, hex) => {
    const bytes = Buffer.from(hex.replace(" ", ""), "hex");
    expect(vm.map("pack", text)).toEqual(bytes);
    expect(vm.map("print", bytes)?.toString()).toBe(text);
  });

  test.each(
    [
      ["", "10.0.0.1", "10.0.0.1:", "10.0.0.1:65536", "10.0.0.1:080", "10.0.0.256:80", "10.0.0:80", "localhost:80"],
      ["[::1]", "::1:80", "[::0001]:80", "[0:0:0:0:0:0:0:1]:80", "[::FF]:80", "[1::2::3]:80", "[::1%eth0]:80"],
      ["[::ffff:10.0.0.1]:80", "[::ffff:a00:1]:80", "/run/app.sock", "@abstract:80", ":80", "[]:80"],
    ].flat(),
  )("%j cannot be one: Envoy does not print it so", (text) => {
    expect(vm.map("pack", text)).toBeUndefined();
  });
});
