// on_unavailable: what a rule does when a session's server cannot be used; unpin: how the application
// ends a session.
import { Text } from "../abi/slice";
import { Unpin } from "../remember/unpin";
import { Mode, Unavailable } from "../rules/unavailable";
import { Field, Fields } from "./reader";
import { readName } from "./source";
import { lowerCase } from "./token";
import { Kind } from "./value";

/** More tries than that of one server help nobody. */
export const MOST_AGAIN = 10;

/** In the order of `Mode`. */
const MODES = ["move", "detour", "refuse"];

/** Seconds. */
const HOLD = 10;
const LONGEST_HOLD = 60;
const RETRY_AFTER = 5;
const A_DAY: i64 = 86400;

/** One of the modes: its name, or an object in which its options stand under its name; `fallback` where there is none. */
export function readUnavailable(field: Field, fallback: Unavailable): Unavailable {
  const value = field.value;
  if (value === null) return fallback;
  if (value.kind != Kind.Object)
    return readOptions(field.oneOf(MODES, Mode.Move), new Field("", null, field.problems).object());
  const fields = field.object();
  const mode = fields.exactlyOne(MODES);
  fields.end();
  if (mode < 0) return fallback;
  const options = fields.take(MODES[mode]).object();
  const unavailable = readOptions(mode, options);
  options.end();
  return unavailable;
}

function readOptions(mode: Mode, options: Fields): Unavailable {
  if (mode == Mode.Move) return new Unavailable();
  const refuses = mode == Mode.Refuse;
  const hold = readSeconds(options.take("hold"), refuses ? 0 : HOLD);
  const longest = readSeconds(options.take("max_hold"), max(hold, LONGEST_HOLD));
  const status = refuses ? options.take("status").integer(400, 599, 503) : 0;
  const retryAfter = refuses ? readSeconds(options.take("retry_after"), RETRY_AFTER) : 0;
  return new Unavailable(mode, hold * 1000, max(hold, longest) * 1000, status, retryAfter);
}

function readSeconds(field: Field, fallback: i64): i64 {
  const seconds = field.seconds(fallback);
  if (seconds <= A_DAY) return seconds;
  field.expected("at most 1d");
  return fallback;
}

/** Null where the application does not end sessions. */
export function readUnpin(field: Field): Unpin | null {
  if (!field.present) return null;
  const fields = field.object();
  const headerField = fields.take("header");
  const statusField = fields.take("status");
  const header = headerField.present ? new Text(lowerCase(readName(headerField, "a header name"))) : null;
  const statuses = new Array<Text>();
  const list = statusField.oneOrMore();
  for (let i = 0; i < list.length; i++) statuses.push(new Text(list[i].integer(200, 599, 200).toString()));
  fields.end();
  if (header === null && statuses.length == 0) field.expected("a header, a status, or both");
  return new Unpin(header, StaticArray.fromArray(statuses));
}
