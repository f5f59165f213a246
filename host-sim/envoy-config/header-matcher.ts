/** envoy.config.route.v3.HeaderMatcher */
import type { HeaderMatcher } from "./model.js";
import { atMostOne, exactlyOne, message, optional, required } from "./reader/message.js";
import type { Reader } from "./reader/place.js";
import { boolean, headerName, name, string, wholeRegex } from "./reader/scalars.js";

const stringMatch = message(
  {
    exact: optional(string),
    prefix: optional(name),
    suffix: optional(name),
    contains: optional(name),
    safe_regex: optional(message({ regex: required(wholeRegex) }, ({ regex }) => regex)),
  },
  ({ safeRegex, ...match }, at) => {
    exactlyOne(at, "exact", "prefix", "suffix", "contains", "safe_regex");
    return { ...match, regex: safeRegex };
  },
);

/** Without a match, the header must be present. */
export const headerMatcher: Reader<HeaderMatcher> = message(
  {
    name: required(headerName),
    string_match: optional(stringMatch),
    present_match: optional(boolean),
    invert_match: optional(boolean, false),
  },
  ({ name, stringMatch, presentMatch, invertMatch }, at) => {
    atMostOne(at, "string_match", "present_match");
    const present = stringMatch ? undefined : (presentMatch ?? true);
    return { name, ...stringMatch, present, invert: invertMatch };
  },
);
