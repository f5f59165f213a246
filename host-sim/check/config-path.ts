/** The paths in the filter's complaints (`rules[1].hash.algorithm`), and the place in the YAML that each means. */
import type { Spot } from "./spot.js";

/** A segment: an index, or a name, in quotes where it is hard to read. */
const SEGMENT = /^(?:\[(\d+)\]|\.?"([^"]*)"|\.?([!#$%&'*+.^_`|~0-9A-Za-z-]+))/;

export interface Complaint {
  /** Empty for the whole configuration. */
  path: string;
  message: string;
}

/** Splits one line of the filter's: `PATH: message`, or the message alone. */
export function splitComplaint(line: string): Complaint {
  const [, path, message] = /^((?:[\w.\][!#$%&'*+^`|~-]|"[^"]*")+): (.*)$/s.exec(line) ?? [];
  return path === undefined || message === undefined ? { path: "", message: line } : { path, message };
}

/** The deepest place that the path leads to and the file has: the value, or with `byName` the name of the field. */
export function spotAt(configuration: Spot, path: string, byName = false): Spot {
  let spot = configuration;
  for (let rest = path; rest !== ""; ) {
    const [next, length] = step(spot, rest, byName);
    if (next === undefined) return spot;
    spot = next;
    rest = rest.slice(length);
  }
  return spot;
}

/** The member or item that the path goes on with, and the length of what names it. */
function step(spot: Spot, rest: string, byName: boolean): [Spot | undefined, number] {
  const [text = "", index, quoted, word] = SEGMENT.exec(rest) ?? [];
  if (index !== undefined) return [spot.list()[Number(index)], text.length];
  if (quoted !== undefined) return [spot.keyOf(quoted), text.length];
  // A name may have dots: the longest that is there is meant.
  const dot = text.startsWith(".") ? 1 : 0;
  for (let name = word ?? ""; name !== ""; name = name.slice(0, Math.max(0, name.lastIndexOf(".")))) {
    const found = (byName ? undefined : spot.member(name)) ?? spot.keyOf(name);
    if (found) return [found, dot + name.length];
  }
  return [undefined, text.length];
}
