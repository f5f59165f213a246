/** The filter's AEAD and Node's: what one seals the other opens, and neither opens what was changed. */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
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

test(`2,000 random texts, sealed and opened by each for the other (LIMPET_SEED=${seed})`, () => {
  const random = new Random("aead");
  for (let i = 0; i < 2000; i++) {
    const key = random.bytes(32);
    const nonce = random.bytes(12);
    const aad = random.bytes(random.below(100));
    const text = random.bytes(random.below(300));
    const length = { plaintextLength: text.length };

    const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 }).setAAD(aad, length);
    const theirs = { text: Buffer.concat([cipher.update(text), cipher.final()]), tag: cipher.getAuthTag() };
    const opened = vm.open(key, nonce, aad, theirs);
    expect(opened?.equals(text)).toBe(true);

    const ours = vm.seal(key, nonce, aad, text);
    expect(ours.text.equals(theirs.text) && ours.tag.equals(theirs.tag)).toBe(true);
    const decipher = createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 }).setAAD(aad, length);
    decipher.setAuthTag(ours.tag);
    expect(Buffer.concat([decipher.update(ours.text), decipher.final()]).equals(text)).toBe(true);
  }
});

test(`a changed bit anywhere opens nothing (LIMPET_SEED=${seed})`, () => {
  const random = new Random("bits");
  const parts = { key: random.bytes(32), nonce: random.bytes(12), aad: random.bytes(37), text: random.bytes(29) };
  const sealed = vm.seal(parts.key, parts.nonce, parts.aad, parts.text);
  const whole = Buffer.concat([parts.key, parts.nonce, parts.aad, sealed.text, sealed.tag]);
  const open = (bytes: Buffer) =>
    vm.open(bytes.subarray(0, 32), bytes.subarray(32, 44), bytes.subarray(44, 81), {
      text: bytes.subarray(81, 110),
      tag: bytes.subarray(110),
    });
  expect(open(whole)).toEqual(parts.text);
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const changed = Buffer.from(whole);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    expect(open(changed)).toBeUndefined();
  }
});
