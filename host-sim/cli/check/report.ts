/** The check's table. */
import { colours } from "../../../scripts/colours.js";
import type { Row } from "./verdict.js";

const COLUMNS = ["clients", "requests", "answered", "moved", "moves", "cookies"] as const;

/** The table and the verdict under it, as text. */
export function report(rows: Row[]): string {
  const width = Math.max(...rows.map(({ title }) => title.length));
  const line = (title: string, cells: (string | number)[], mark: string) =>
    `${title.padEnd(width)}${cells.map((cell) => String(cell).padStart(10)).join("")}  ${mark}`;
  const lines = [
    colours.dim(line("", [...COLUMNS], "")),
    ...rows.map((row) =>
      line(
        row.title,
        COLUMNS.map((column) => row[column]),
        row.faults.length === 0 ? colours.green("ok") : colours.red(row.faults.join("; ")),
      ),
    ),
  ];
  const holds = rows.every((row) => row.faults.length === 0);
  return `${lines.join("\n")}\n\n${holds ? colours.green("Sessions stick.") : colours.red("Sessions do not stick as they should.")}\n`;
}
