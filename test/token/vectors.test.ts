/** The published vectors, byte for byte. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { inProject } from "../../scripts/project.js";
import { TokenVm, tokenModule } from "./module.js";
import { newProcess } from "./process.js";

const fixture = (name: string) => JSON.parse(readFileSync(inProject("test/assembly/token/fixtures", name), "utf8"));
const bytes = (hex: string) => Buffer.from(hex, "hex");

let vm: TokenVm;
beforeAll(async () => {
  vm = new TokenVm(
    await tokenModule(),
    newProcess(() => false),
  );
});

describe("RFC 8439", () => {
  const rfc = fixture("rfc8439.json");

  test.each<Hex<"key" | "nonce" | "keystream">>(rfc.block)("§$section: a block of the keystream", (v) => {
    expect(vm.block(bytes(v.key), v.counter, bytes(v.nonce))).toEqual(bytes(v.keystream));
  });

  test.each<Hex<"key" | "nonce" | "plaintext" | "ciphertext">>(rfc.cipher)("§$section: ChaCha20", (v) => {
    expect(vm.cipher(bytes(v.key), v.counter, bytes(v.nonce), bytes(v.plaintext))).toEqual(bytes(v.ciphertext));
    expect(vm.cipher(bytes(v.key), v.counter, bytes(v.nonce), bytes(v.ciphertext))).toEqual(bytes(v.plaintext));
  });

  test.each<Hex<"key" | "message" | "tag">>(rfc.mac)("§$section: Poly1305", (v) => {
    expect(vm.mac(bytes(v.key), bytes(v.message))).toEqual(bytes(v.tag));
  });

  test.each<Hex<"key" | "nonce" | "macKey">>(rfc.macKey)("§$section: the key of Poly1305", (v) => {
    expect(vm.block(bytes(v.key), 0, bytes(v.nonce)).subarray(0, 32)).toEqual(bytes(v.macKey));
  });

  test.each<Sealed>(rfc.aead)("§$section: the AEAD", sealsAndOpens);
});

describe("Wycheproof", () => {
  const { testGroups, numberOfTests } = fixture("wycheproof-chacha20-poly1305.json");
  const groups: { ivSize: number; tests: Case[] }[] = testGroups;
  // A nonce of another size cannot be said to the filter, which has 12 bytes in each token.
  const cases = groups.filter(({ ivSize }) => ivSize === 96).flatMap(({ tests }) => tests);

  test("the cases that apply are most of them", () => {
    expect([numberOfTests, cases.length]).toEqual([325, 316]);
  });

  test.each(cases.filter(({ result }) => result === "valid"))("$tcId: valid ($comment)", (v) => {
    sealsAndOpens({ key: v.key, nonce: v.iv, aad: v.aad, plaintext: v.msg, ciphertext: v.ct, tag: v.tag });
  });

  test.each(cases.filter(({ result }) => result === "invalid"))("$tcId: invalid ($comment)", (v) => {
    const sealed = { text: bytes(v.ct), tag: bytes(v.tag) };
    expect(vm.open(bytes(v.key), bytes(v.iv), bytes(v.aad), sealed)).toBeUndefined();
  });
});

type Hex<Fields extends string> = Record<Fields, string> & { section: string; counter: number };
type Sealed = Record<"key" | "nonce" | "aad" | "plaintext" | "ciphertext" | "tag", string>;
type Case = Record<"key" | "iv" | "aad" | "msg" | "ct" | "tag" | "comment", string> & {
  tcId: number;
  result: "valid" | "invalid";
};

function sealsAndOpens({ key, nonce, aad, plaintext, ciphertext, tag }: Sealed): void {
  const sealed = { text: bytes(ciphertext), tag: bytes(tag) };
  expect(vm.seal(bytes(key), bytes(nonce), bytes(aad), bytes(plaintext))).toEqual(sealed);
  expect(vm.open(bytes(key), bytes(nonce), bytes(aad), sealed)).toEqual(bytes(plaintext));
}
