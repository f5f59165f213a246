import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { GOLDEN, goldenCases, outcome } from "./golden.js";

// UPDATE_GOLDEN=1 writes what becomes of each case, and removes what is no case's any more.
const update = process.env.UPDATE_GOLDEN === "1";

describe("golden files", () => {
  const results = goldenCases.map((golden) => ({ name: golden.name, ...outcome(golden) }));

  test.each(results)("$name", ({ file, text }) => {
    const url = new URL(file, GOLDEN);
    if (update) writeFileSync(url, text);
    expect(text).toBe(readFileSync(url, "utf8"));
  });

  test("every result is that of a case", () => {
    const expected = results.map(({ file }) => file);
    const stray = readdirSync(GOLDEN).filter((file) => !file.endsWith(".yaml") && !expected.includes(file));
    if (update) for (const file of stray) rmSync(new URL(file, GOLDEN));
    else expect(stray).toEqual([]);
  });
});
