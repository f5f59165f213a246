// keys, or LIMPET_KEYS in the VM's environment: `ID:KEY[,ID:KEY...]`, KEY being 32 bytes in base64url or
// Base64. A complaint names a key by its place and its id; what could be a key's bytes is never shown.
import { environmentVariable } from "../abi/environment";
import { NONE, Slice, Text, lenOf } from "../abi/slice";
import { decodeBase64 } from "../token/base64";
import { decodeBase64Url } from "../token/base64url";
import { KEY_SIZE } from "../token/chacha20";
import { Key, KeyRing } from "../token/key-ring";
import { processKey } from "../token/process-key";
import { Fields, Problems } from "./reader";

const VARIABLE = "LIMPET_KEYS";
const LONGEST_ID = 16;

/** The keys of the configuration, else those of the environment; else none, unless `require_keys` forbids it. */
export function readKeyRing(fields: Fields): KeyRing {
  const ring = new KeyRing();
  const field = fields.take("keys");
  const required = fields.take("require_keys").boolean(false);
  const problems = fields.problems;
  if (field.present) {
    const texts = field.texts();
    if (texts.length == 0) field.expected("at least one key");
    for (let i = 0; i < texts.length; i++) addKeys(ring, texts[i], texts.length > 1 ? `keys[${i}]` : "keys", problems);
    return ring;
  }
  const value = environmentVariable(VARIABLE);
  if (value !== null) addKeys(ring, value, VARIABLE, problems);
  else if (required) problems.add("require_keys", `expected keys in ${VARIABLE} or in keys; there are none`);
  return ring;
}

/** Gives a ring that got no keys the process's own. */
export function completeKeyRing(ring: KeyRing, problems: Problems): void {
  if (ring.count > 0) return;
  const key = processKey();
  if (key === null) problems.add("keys", "expected keys, since the host has no random numbers to make one of");
  else ring.add(key);
}

function addKeys(ring: KeyRing, text: string, path: string, problems: Problems): void {
  const entries = text.split(",");
  for (let i = 0; i < entries.length; i++) {
    addKey(ring, entries[i].trim(), entries.length > 1 ? `${path}: key ${i + 1}` : path, problems);
  }
}

function addKey(ring: KeyRing, entry: string, path: string, problems: Problems): void {
  const colon = entry.indexOf(":");
  const id = entry.slice(0, max(colon, 0));
  if (!isId(id)) {
    problems.add(path, `expected ID:KEY, where ID has 1 to ${LONGEST_ID} letters, digits, _ and -`);
    return;
  }
  const named = `${path}: key "${id}"`;
  const bytes = keyBytes(entry.slice(colon + 1));
  if (lenOf(bytes) != KEY_SIZE) {
    const got = bytes == NONE ? "something else" : `${lenOf(bytes)}`;
    problems.add(named, `expected ${KEY_SIZE} bytes in base64url; got ${got}`);
    return;
  }
  const twin = ring.withBytes(bytes);
  if (ring.withId(id)) problems.add(named, "expected an id of its own; another key has it too");
  else if (twin) problems.add(named, `expected another key than "${twin.id}"; its bytes are the same`);
  else ring.add(Key.named(id, bytes));
}

function keyBytes(text: string): Slice {
  const digits = new Text(text).slice;
  const bytes = decodeBase64Url(digits);
  return bytes == NONE ? decodeBase64(digits) : bytes;
}

function isId(text: string): bool {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const letter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
    const digit = code >= 0x30 && code <= 0x39;
    if (!letter && !digit && code != 0x5f && code != 0x2d) return false;
  }
  return text.length > 0 && text.length <= LONGEST_ID;
}
