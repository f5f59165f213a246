/**
 * The keys that seal tokens, as `LIMPET_KEYS` and the configuration's `keys` have them:
 * `ID:KEY[,ID:KEY...]`, KEY being 32 bytes in base64url or Base64. The first seals, all open.
 */
import { randomBytes } from "node:crypto";
import xxhash from "xxhash-wasm";

const { h64Raw } = await xxhash();

export const KEY_BYTES = 32;

export interface TokenKey {
  id: string;
  bytes: Uint8Array;
}

const ID = /^[A-Za-z0-9_-]{1,16}$/;

/** A new random key under an id of 1 to 16 letters, digits, `_` and `-`; throws RangeError for another. */
export function newKey(id: string): TokenKey {
  if (!ID.test(id)) throw new RangeError(`expected an id of 1 to 16 letters, digits, _ and -; got "${id}"`);
  return { id, bytes: randomBytes(KEY_BYTES) };
}

/** The keys as a value for `LIMPET_KEYS`. */
export function formatKeys(keys: TokenKey[]): string {
  return keys.map(({ id, bytes }) => `${id}:${Buffer.from(bytes).toString("base64url")}`).join(",");
}

/** The keys of such a value; throws a RangeError that names a key by its place or id, and never its bytes. */
export function parseKeys(text: string): TokenKey[] {
  return text.split(",").map((entry, index) => {
    const [id = "", encoded, ...more] = entry.trim().split(":");
    const name = ID.test(id) ? `key "${id}"` : `key ${index + 1}`;
    if (!ID.test(id) || encoded === undefined || more.length > 0) throw new RangeError(`${name}: expected ID:KEY`);
    const bytes = Buffer.from(encoded, "base64url");
    if (bytes.length !== KEY_BYTES) throw new RangeError(`${name}: expected ${KEY_BYTES} bytes; got ${bytes.length}`);
    return { id, bytes };
  });
}

/** The XXH64 of an id. */
export function hashOf(id: string): bigint {
  return h64Raw(Buffer.from(id));
}

/** What a token says of its key: the low 16 bits of the id's hash. */
export function hintOf(id: string): number {
  return Number(hashOf(id) & 0xffffn);
}
