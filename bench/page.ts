/** Pages of docs/ of which a part is measured: what stands between two comments. */
import { readFileSync, writeFileSync } from "node:fs";
import { inProject } from "../scripts/project.js";

const END = "<!-- end -->";

/** Puts `text` behind the comment that says what measures it (`<!-- measured by npm run bench -->`); the page keeps the rest. */
export function writeMeasured(page: string, command: string, text: string): void {
  const path = inProject(page);
  const begin = `<!-- measured by ${command} -->`;
  const [before, rest = ""] = readFileSync(path, "utf8").split(begin);
  const end = rest.indexOf(END);
  if (end < 0) throw new Error(`${path}: expected the lines "${begin}" and "${END}"`);
  writeFileSync(path, `${before}${begin}\n${text}\n${rest.slice(end)}`);
}

/** Rows of cells, the first of them the head. */
export function markdownTable([head = [], ...rows]: string[][]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
