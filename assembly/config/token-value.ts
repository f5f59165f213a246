// value: what a token says, and for how long.
import { Text } from "../abi/slice";
import { KeyedToken } from "../token/keyed";
import { Lifetime } from "../token/lifetime";
import { ServerIdToken } from "../token/named";
import { Token } from "../token/token";
import { Fields } from "./reader";

const VALUES = ["server_id", "keyed"];
const SERVER_ID = 0;

/** A date in a cookie is good for 30 bits of four seconds; no limit reaches that far. */
const LONGEST: i64 = 400 * 86400;

export function readToken(fields: Fields): Token {
  const value = fields.take("value").oneOf(VALUES, SERVER_ID);
  const lifetime = readLifetime(fields);
  if (value == SERVER_ID) return new ServerIdToken(lifetime);
  return new KeyedToken(new Text(fields.take("key").text()), lifetime);
}

function readLifetime(fields: Fields): Lifetime {
  const maxIdle = readLimit(fields, "max_idle", 0);
  const maxLife = readLimit(fields, "max_life", 0);
  // Often enough that an active session does not end, seldom enough that cookies are rarely written.
  const refreshAfter = readLimit(fields, "refresh_after", maxIdle / 10);
  return new Lifetime(maxIdle, maxLife, refreshAfter);
}

function readLimit(fields: Fields, name: string, fallback: u32): u32 {
  const field = fields.take(name);
  const seconds = field.seconds(fallback);
  if (seconds > LONGEST) field.expected("at most 400d");
  return <u32>seconds;
}
