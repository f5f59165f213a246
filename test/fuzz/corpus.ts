/** What is kept of earlier runs: for each target a file with one input a line, as a JSON string of one char a byte. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { inProject } from "../../scripts/project.js";

const file = (target: string) => inProject(`test/fuzz/corpus/${target}.txt`);

export function readCorpus(target: string): Buffer[] {
  if (!existsSync(file(target))) return [];
  const lines = readFileSync(file(target), "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => Buffer.from(JSON.parse(line), "latin1"));
}

export function writeCorpus(target: string, inputs: Buffer[]): void {
  writeFileSync(file(target), inputs.map((input) => `${shown(input)}\n`).join(""));
}

/** The input as a line of the corpus. */
export function shown(input: Buffer): string {
  const text = JSON.stringify(input.toString("latin1"));
  return text.replace(/[\x7f-\xff]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
}
