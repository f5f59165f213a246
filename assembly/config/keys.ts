// keys, or LIMPET_KEYS in the VM's environment: `ID:KEY[,ID:KEY...]`, KEY being 32 bytes in base64url or
// Base64. A complaint names a key by its place and its id; what could be a key's bytes is never shown.
import { environmentVariable } from "../abi/environment";
import { NONE, Slice, Text, byteAt, indexOf, lenOf, part, textOf, trim } from "../abi/slice";
import { decodeBase64, digitOf } from "../token/base64";
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
    const texts = field.oneOrMore();
    if (texts.length == 0) field.expected("at least one key");
    for (let i = 0; i < texts.length; i++) {
      const text = texts[i].text();
      if (text.length > 0) addKeys(ring, text, texts[i].path, problems);
    }
    return ring;
  }
  const value = environmentVariable(VARIABLE);
  if (value !== null) addKeys(ring, value, VARIABLE, problems);
  else if (required) problems.add("require_keys", `expected keys in ${VARIABLE} or in keys; there are none`);
  return ring;
}

/** Gives a ring without keys that something is sealed with the process's own. */
export function completeKeyRing(ring: KeyRing, problems: Problems): void {
  if (ring.count > 0 || !ring.wanted) return;
  const key = processKey();
  if (key === null) problems.add("keys", "expected keys, since the host has no random numbers to make one of");
  else ring.add(key);
}

/** Adds the keys of one text; in complaints, several have their numbers. */
function addKeys(ring: KeyRing, text: string, path: string, problems: Problems): void {
  const all = new Text(text);
  let from = 0;
  for (let number = 1; from <= lenOf(all.slice); number++) {
    const comma = indexOf(all.slice, 0x2c, from);
    const end = comma < 0 ? lenOf(all.slice) : comma;
    const isOnly = number == 1 && comma < 0;
    addKey(ring, trim(part(all.slice, from, end)), isOnly ? path : `${path}: key ${number}`, problems);
    from = end + 1;
  }
}

function addKey(ring: KeyRing, entry: Slice, path: string, problems: Problems): void {
  const colon = indexOf(entry, 0x3a);
  const id = part(entry, 0, max(colon, 0));
  if (!isId(id)) {
    problems.add(path, `expected ID:KEY, where ID has 1 to ${LONGEST_ID} letters, digits, _ and -`);
    return;
  }
  const name = textOf(id);
  const bytes = keyBytes(part(entry, colon + 1, lenOf(entry)));
  const twin = ring.withBytes(bytes);
  let problem = "";
  if (lenOf(bytes) != KEY_SIZE) problem = `expected ${KEY_SIZE} bytes in base64url; got ${lenOf(bytes)}`;
  else if (ring.withId(name)) problem = "expected an id that no other key has";
  else if (twin) problem = `expected other bytes than those of the key "${twin.id}"`;
  if (problem.length > 0) problems.add(`${path}: key "${name}"`, problem);
  else ring.add(Key.named(name, bytes));
}

/** The bytes; NONE if it is neither base64url nor Base64. */
function keyBytes(text: Slice): Slice {
  const bytes = decodeBase64Url(text);
  return bytes == NONE ? decodeBase64(text) : bytes;
}

function isId(text: Slice): bool {
  for (let i = 0; i < lenOf(text); i++) {
    const byte = byteAt(text, i);
    // The digits of base64url are the characters that an id may have.
    if (digitOf(byte, 0x2d, 0x5f) < 0) return false;
  }
  return lenOf(text) > 0 && lenOf(text) <= LONGEST_ID;
}
