import type { ResponseFlag } from "../stream/response-flags.js";
import type { ResetReason } from "../upstream/connection.js";

/** The body of Envoy's answer when an upstream's answer has not begun. */
export function resetMessage(reason: ResetReason, attempts: number): string {
  const again = attempts > 1 ? "retried and the latest " : "";
  return `upstream connect error or disconnect/reset before headers. ${again}reset reason: ${reason}`;
}

/** `%RESPONSE_CODE_DETAILS%` of a reset; `cause`: the system's words for it. */
export function resetDetails(when: "before" | "after", reason: ResetReason, cause: string | undefined): string {
  const why = cause === undefined ? reason : `${reason}|${cause}`;
  return `upstream_reset_${when}_response_started{${why}}`.replaceAll(" ", "_");
}

/** @param sent the request had been written to the connection */
export function flagOf(reason: ResetReason, sent: boolean): ResponseFlag {
  if (reason === "protocol error") return "UPE";
  return sent ? "UC" : "UF";
}
