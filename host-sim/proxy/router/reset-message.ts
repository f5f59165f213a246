import type { ResetReason } from "../upstream/connection.js";

/** The body of Envoy's answer when an upstream's answer has not begun. */
export function resetMessage(reason: ResetReason, attempts: number): string {
  const again = attempts > 1 ? "retried and the latest " : "";
  return `upstream connect error or disconnect/reset before headers. ${again}reset reason: ${reason}`;
}
