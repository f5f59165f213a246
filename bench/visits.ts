/** What happens before the load: a client logs in, a million sessions are learned. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { burst } from "./load.js";
import type { Place } from "./rounds.js";
import type { Variant } from "./variants.js";

/** Paths in one burst of logins. */
const CHUNK = 100_000;

/** Makes the variant ready; the place has the headers that its load sends. Throws if no cookie came. */
export async function prepare(variant: Variant, url: string, pids: number[], folder: string): Promise<Place> {
  const headers = { ...variant.headers };
  if (variant.login !== undefined) {
    const answer = await fetch(`${url}${variant.login}`);
    await answer.arrayBuffer();
    const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
    if (cookies.length === 0) throw new Error(`${variant.name}: no cookie was set by ${variant.login}`);
    // Between the client's other cookies, as in life.
    headers.cookie = ["theme=dark", ...cookies, "lang=en"].join("; ");
  }
  for (let from = 0; from < (variant.sessions ?? 0); from += CHUNK) {
    const paths = join(folder, "logins");
    const count = Math.min(CHUNK, (variant.sessions as number) - from);
    writeFileSync(paths, Array.from({ length: count }, (_, i) => `/login?id=${from + i}\n`).join(""));
    await burst({ url, requests: count, connections: 16, headers: {}, paths });
  }
  return { variant, url, headers, pids };
}
