import fc from "fast-check";
import { expect, test } from "vitest";
import { goldenCases, outcome } from "./golden.js";

// LIMPET_SEED repeats a run.
const seed = Number(process.env.LIMPET_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Pieces that change what stands around them. */
const pieces = [
  "",
  "{",
  "}",
  "[",
  "]",
  ":",
  ": ",
  "- ",
  "\n",
  "  ",
  '"',
  "'",
  "&a ",
  "*a",
  "!t ",
  "# ",
  "~",
  "0x",
  "yes",
  "@type",
  "|",
  "<<: ",
  "\t",
  "\0",
];

/** A golden file in which some stretches are replaced. */
const damaged = fc
  .tuple(
    fc.constantFrom(...goldenCases),
    fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(12), fc.constantFrom(...pieces)), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([golden, edits]) => {
    let { text } = golden;
    for (const [where, length, piece] of edits) {
      const start = Math.floor(where * text.length);
      text = text.slice(0, start) + piece + text.slice(start + length);
    }
    return { ...golden, text };
  });

test(`a damaged file is read or refused, with a place for each problem (LIMPET_SEED=${seed})`, () => {
  fc.assert(
    fc.property(damaged, (golden) => {
      // `outcome` throws what is not an EnvoyConfigError.
      const { file, text } = outcome(golden);
      if (!file.endsWith(".error.txt")) return;
      expect(text).not.toBe("\n");
      for (const line of text.trimEnd().split("\n")) expect(line).toMatch(/^[\w.-]+\.yaml:[1-9]\d*:[1-9]\d*: /);
    }),
    { seed, numRuns: 200 },
  );
});
