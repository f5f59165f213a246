// value: what a token says, and for how long.
import { Text } from "../abi/slice";
import { KeyedToken } from "../token/keyed";
import { KeyRing } from "../token/key-ring";
import { Lifetime } from "../token/lifetime";
import { ServerIdToken } from "../token/named";
import { Seal } from "../token/sealed";
import { SealedToken } from "../token/sealed-token";
import { Token } from "../token/token";
import { Fields } from "./reader";

const VALUES = ["sealed", "server_id", "keyed"];
const SEALED = 0;
const SERVER_ID = 1;

/** A date in a cookie is good for 30 bits of four seconds; no limit reaches that far. */
const LONGEST: i64 = 400 * 86400;

/** A sealed token is good in its place only, and there in the cluster only that it was made in. */
export function readToken(fields: Fields, keys: KeyRing, place: string[], perCluster: bool): Token {
  const value = fields.take("value").oneOf(VALUES, SEALED);
  const lifetime = readLifetime(fields);
  if (value == SEALED) {
    keys.wanted = true;
    return new SealedToken(new Seal(keys, place), lifetime, perCluster);
  }
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

export function readLimit(fields: Fields, name: string, fallback: u32): u32 {
  const field = fields.take(name);
  const seconds = field.seconds(fallback);
  if (seconds > LONGEST) field.expected("at most 400d");
  return <u32>seconds;
}
