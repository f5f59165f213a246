import { expect, test } from "vitest";
import { GuestMemory } from "../../host-sim/wasm-host/guest-memory.js";

const PAGE = 65536;

function newMemory(): { memory: GuestMemory; wasm: WebAssembly.Memory } {
  const wasm = new WebAssembly.Memory({ initial: 1 });
  return { memory: new GuestMemory(wasm), wasm };
}

test("the last byte is inside, the next is not; even nothing must be inside", () => {
  const { memory } = newMemory();
  expect(memory.size).toBe(PAGE);
  expect(memory.set(PAGE - 2, "ab")).toBe(true);
  expect(memory.text(PAGE - 2, 2)).toBe("ab");
  expect(memory.view(PAGE, 0)).toEqual(new Uint8Array(0));
  for (const [pointer, size] of [
    [PAGE - 2, 3],
    [PAGE + 1, 0],
    [0, 0xffffffff],
    [0xffffffff, 0],
    [0xffffffff, 0xffffffff],
  ] as const) {
    expect(memory.text(pointer, size)).toBeUndefined();
    expect(memory.view(pointer, size)).toBeUndefined();
    expect(memory.copy(pointer, size)).toBeUndefined();
    expect(memory.has(pointer, size)).toBe(false);
  }
});

test("writes are little-endian, and nothing is written in part", () => {
  const { memory } = newMemory();
  expect(memory.setU32(0, 0xfedcba98)).toBe(true);
  expect(memory.setU64(4, 0x0123456789abcdefn)).toBe(true);
  expect(memory.text(0, 12)).toBe("\x98\xba\xdc\xfe\xef\xcd\xab\x89\x67\x45\x23\x01");
  expect(memory.setU32(PAGE - 4, 1)).toBe(true);
  expect(memory.setU32(PAGE - 3, 1)).toBe(false);
  expect(memory.setU64(PAGE - 7, 1n)).toBe(false);
  expect(memory.set(PAGE - 1, "ab")).toBe(false);
  expect(memory.set(PAGE - 1, Uint8Array.of(1, 2))).toBe(false);
  expect(memory.text(PAGE - 4, 4)).toBe("\x01\0\0\0");
});

test("sees the memory after it has grown", () => {
  const { memory, wasm } = newMemory();
  memory.set(0, "kept");
  wasm.grow(1);
  expect(memory.size).toBe(2 * PAGE);
  expect(memory.text(0, 4)).toBe("kept");
  expect(memory.set(PAGE, Uint8Array.of(0xff))).toBe(true);
  expect(memory.text(PAGE, 1)).toBe("\xff");
});

test("a copy stays as it is, a view does not", () => {
  const { memory } = newMemory();
  memory.set(0, "before");
  const [copy, view] = [memory.copy(0, 6)!, memory.view(0, 6)!];
  memory.set(0, "after!");
  expect([copy, view].map((bytes) => Buffer.from(bytes).toString())).toEqual(["before", "after!"]);
});
