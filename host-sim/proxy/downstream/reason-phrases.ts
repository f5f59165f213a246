import { STATUS_CODES } from "node:http";

/** Where Envoy's phrase is not Node's. */
const OWN: Record<number, string> = {
  418: "Unknown",
  451: "Unknown",
  509: "Unknown",
  599: "Last Unassigned Server Error Code",
};

/** Envoy's reason phrase (Envoy: `CodeUtility::toString`). */
export function reasonPhrase(status: number): string {
  return OWN[status] ?? STATUS_CODES[status] ?? "Unknown";
}
