import { STATUS_CODES } from "node:http";

/** Statuses that Node knows and Envoy does not. */
const UNKNOWN = new Set([102, 103, 418, 425, 451, 509]);

/** Envoy's reason phrase (Envoy: `CodeUtility::toString`). */
export function reasonPhrase(status: number): string {
  return UNKNOWN.has(status) ? "Unknown" : (STATUS_CODES[status] ?? "Unknown");
}
