import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { inProject } from "../../../scripts/project.js";

const page = readFileSync(inProject("docs/compatibility.md"), "utf8").replaceAll(/\s+/g, " ");

/** A difference that is meant stands in docs/compatibility.md, in these words. */
export function documented(words: string): void {
  expect(page.includes(words), `docs/compatibility.md says: ${words}`).toBe(true);
}
