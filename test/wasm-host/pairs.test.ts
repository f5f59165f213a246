import { expect, test } from "vitest";
import { parsePairs, serialisePairs } from "../../host-sim/wasm-host/pairs.js";
import type { HeaderField } from "../../host-sim/wasm-host/types.js";

const EXAMPLE: HeaderField[] = [
  ["a", "1"],
  ["b", "22"],
];
/** The specification's example. */
const EXAMPLE_BYTES = "02000000 01000000 01000000 01000000 02000000 6100 3100 6200 323200".replaceAll(" ", "");

test("is byte for byte the specification's form", () => {
  expect(serialisePairs(EXAMPLE).toString("hex")).toBe(EXAMPLE_BYTES);
  expect(serialisePairs([["\xff", ""]]).toString("hex")).toBe("010000000100000000000000ff0000");
  expect(serialisePairs([]).toString("hex")).toBe("00000000");
});

test("reads what it wrote", () => {
  const pairs: HeaderField[] = [...EXAMPLE, ["", ""], ["\xe9", "\0\x01\xff"], ["a", "1"]];
  expect(parsePairs(serialisePairs(pairs))).toEqual(pairs);
  expect(parsePairs(serialisePairs([]))).toEqual([]);
});

test("a part of a larger buffer is read from its own start", () => {
  const larger = Buffer.concat([Buffer.from("xyz"), serialisePairs(EXAMPLE)]);
  expect(parsePairs(new Uint8Array(larger.buffer, larger.byteOffset + 3, larger.length - 3))).toEqual(EXAMPLE);
});

test.each([
  ["nothing", ""],
  ["a single zero byte", "00"],
  ["a count without sizes", "01000000"],
  ["a huge count", "ffffffff"],
  ["a byte too many", `${EXAMPLE_BYTES}00`],
  ["a byte too few", EXAMPLE_BYTES.slice(0, -2)],
  ["a name longer than the bytes", "01000000ffffffff000000006100"],
  ["a value longer than the bytes", "0100000001000000ffffffff61006200"],
  ["no NUL after a name", "010000000100000001000000616131 00".replace(" ", "")],
  ["no NUL after a value", "010000000100000001000000610031 31".replace(" ", "")],
])("%s reads as no pairs", (_what, hex) => {
  expect(parsePairs(Buffer.from(hex, "hex"))).toEqual([]);
});

test("more than 1024 pairs, or than 1 MiB, read as none", () => {
  const pairs = (count: number): HeaderField[] => Array.from({ length: count }, () => ["n", "v"]);
  expect(parsePairs(serialisePairs(pairs(1024)))).toHaveLength(1024);
  expect(parsePairs(serialisePairs(pairs(1025)))).toEqual([]);
  const ofSize = (size: number) => serialisePairs([["", "x".repeat(size - 14)]]);
  expect(parsePairs(ofSize(1024 * 1024))).toHaveLength(1);
  expect(parsePairs(ofSize(1024 * 1024 + 1))).toEqual([]);
});

test("every truncation and every flipped byte reads as pairs or as none, never as an error", () => {
  const whole = serialisePairs([...EXAMPLE, ["name", "a longer value"]]);
  for (let size = 0; size < whole.length; size++) expect(parsePairs(whole.subarray(0, size))).toEqual([]);
  for (let at = 0; at < whole.length; at++) {
    const flipped = Buffer.from(whole);
    flipped[at]! ^= 0xff;
    const pairs = parsePairs(flipped);
    expect(pairs.length === 0 || serialisePairs(pairs).equals(flipped)).toBe(true);
  }
});
