/** Who may ask the page's server, and what a browser may do with what it gets. */
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";

/** Of every answer: the page loads nothing but its own files, and no other page frames or reads it. */
export const STRICT_HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
};

/**
 * Why a request is refused; undefined if it is not. A name in `Host` that is no address and not
 * localhost may be an attacker's, pointed at this machine (DNS rebinding). What changes something
 * has to come from the page itself: browsers send `Origin` with every POST.
 */
export function refusal({ method, headers }: Pick<IncomingMessage, "method" | "headers">): string | undefined {
  const { host = "", origin } = headers;
  const name = host.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  if (name !== "localhost" && isIP(name) === 0) {
    return `Host: expected localhost or an IP address; got "${host}"`;
  }
  if (method === "GET" || method === "HEAD") return undefined;
  if (method !== "POST") return `expected GET or POST; got ${method}`;
  return origin === `http://${host}` ? undefined : `Origin: expected http://${host}; got "${origin ?? ""}"`;
}
