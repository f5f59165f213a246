// A response that sets a session's cookie must not be kept by a shared cache: another client would
// get the session (HAProxy `nocache`).
import { Slice, Text, containsIgnoringCase, equal, literal } from "../abi/slice";
import { Served } from "./served";

const CACHE_CONTROL: Slice = literal("cache-control");
const PRIVATE: Slice = literal("private");
const NO_STORE: Slice = literal("no-store");
const FRESHNESS: StaticArray<Text> = [new Text("expires"), new Text("etag"), new Text("last-modified")];

/**
 * Adds `Cache-Control: private` where the response could be cached: it carries freshness or
 * validators, and does not forbid it already.
 */
export function forbidSharedCaching(served: Served): void {
  let cacheable = false;
  const headers = served.headers();
  while (headers.next()) {
    if (equal(headers.name, CACHE_CONTROL)) {
      if (forbids(headers.value)) return;
      cacheable = true;
    } else {
      cacheable = cacheable || tellsFreshness(headers.name);
    }
  }
  if (cacheable) served.add(CACHE_CONTROL, PRIVATE);
}

function forbids(directives: Slice): bool {
  return containsIgnoringCase(directives, PRIVATE) || containsIgnoringCase(directives, NO_STORE);
}

function tellsFreshness(name: Slice): bool {
  for (let i = 0; i < FRESHNESS.length; i++) if (equal(name, FRESHNESS[i].slice)) return true;
  return false;
}
