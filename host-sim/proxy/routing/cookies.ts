import type { HeaderMap } from "../../wasm-host/index.js";

/** The value of the first cookie of that name, without its quotes (Envoy: `parseCookieValue`). */
export function cookieValue(headers: HeaderMap, name: string): string | undefined {
  for (const line of headers.getAll("cookie")) {
    for (const part of line.split(";")) {
      const [key, ...value] = part.trim().split("=");
      if (key === name && value.length > 0) return value.join("=").replace(/^"(.*)"$/, "$1");
    }
  }
  return undefined;
}
