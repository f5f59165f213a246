/** One thing that `limpet check` has to say about a file. */
import type { Spot } from "./spot.js";

/** An error does not work, a warning will hurt one day, a note says what was not looked at. */
export type Severity = "error" | "warning" | "note";

export interface Finding {
  /** What kind of mistake: a rule's id (docs/checks.md has them all), or `envoy`, `schema`, `filter`. */
  id: string;
  severity: Severity;
  file: string;
  /** Both from 1. */
  line: number;
  column: number;
  /** The fields that lead there, say `static_resources.listeners[0].name`; empty for the whole file. */
  path: string;
  message: string;
}

export function findingAt(at: Spot, id: string, severity: Severity, message: string): Finding {
  return { id, severity, file: at.source.file, ...at.position, path: at.path, message };
}

/** `file:line:column: severity: path: message [id]`, the form that editors and terminals can jump to. */
export function formatFinding({ id, severity, file, line, column, path, message }: Finding): string {
  return `${file}:${line}:${column}: ${severity}: ${path === "" ? "" : `${path}: `}${message} [${id}]`;
}
