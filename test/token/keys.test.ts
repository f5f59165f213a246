/** What keys the configuration and the environment may have, and what is said of those that they may not. */
import { describe, expect, test } from "vitest";
import { formatKeys, newKey, parseKeys } from "../../host-sim/tokens/keys.js";
import { asJson, asStruct, type Configuration, startVm } from "../filter/filter.js";

const SECRET = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U";
const OTHER = "b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcm90aGVyb3Q";

const sealing = (rest: Configuration): Configuration => ({
  rules: [{ pin: { cookie: { name: "SERVERID", value: "sealed" } } }],
  ...rest,
});

async function complaints(keys: unknown, environment?: string): Promise<string[]> {
  const filter = await startVm(environment === undefined ? {} : { LIMPET_KEYS: environment });
  const said = filter.complaints(asStruct(sealing(keys === undefined ? {} : { keys })));
  for (const { message } of filter.services.logs) expect(message).not.toContain(SECRET.slice(0, 6));
  return said;
}

describe("good keys", () => {
  test.each([
    ["one", `k1:${SECRET}`],
    ["two in one text", `k1:${SECRET},k2:${OTHER}`],
    ["with blanks and a line's end", ` k1:${SECRET} ,\tk2:${OTHER}`],
    ["a list", [`k1:${SECRET}`, `k2:${OTHER}`]],
    ["the longest id, and a short one", [`ABCdef_-01234567:${SECRET}`, `-:${OTHER}`]],
    ["Base64 with padding, as openssl writes it", `k1:${Buffer.alloc(32, 0xff).toString("base64")}`],
  ])("%s", async (_, keys) => {
    expect(await complaints(keys)).toEqual([]);
    if (typeof keys === "string") expect(await complaints(undefined, keys)).toEqual([]);
  });

  test("what `limpet keys new` makes", async () => {
    expect(await complaints(undefined, formatKeys([newKey("a"), newKey("b")]))).toEqual([]);
  });
});

const FORM = "expected ID:KEY, where ID has 1 to 16 letters, digits, _ and -";

describe("bad keys refuse the configuration, and are not shown", () => {
  test.each([
    ["no id", SECRET, `KEYS: ${FORM}`],
    ["an empty id", `:${SECRET}`, `KEYS: ${FORM}`],
    ["an id of 17 characters", `abcdefghijklmnopq:${SECRET}`, `KEYS: ${FORM}`],
    ["an id with a blank", `a b:${SECRET}`, `KEYS: ${FORM}`],
    ["key and id the wrong way round", `${SECRET}:k1`, `KEYS: ${FORM}`],
    ["a key that is too short", `k1:${SECRET.slice(0, 40)}`, 'KEYS: key "k1": expected 32 bytes in base64url; got 30'],
    ["a key that is too long", `k1:${SECRET}AAAA`, 'KEYS: key "k1": expected 32 bytes in base64url; got 35'],
    ["no key", "k1:", 'KEYS: key "k1": expected 32 bytes in base64url; got 0'],
    [
      "a key in hex",
      `k1:${"5ec2e7".repeat(11).slice(0, 64)}`,
      'KEYS: key "k1": expected 32 bytes in base64url; got 48',
    ],
    [
      "a key with a character that is none",
      `k1:${SECRET.slice(1)}!`,
      'KEYS: key "k1": expected 32 bytes in base64url; got 0',
    ],
    ["two of one id", `k1:${SECRET},k1:${OTHER}`, 'KEYS: key 2: key "k1": expected an id that no other key has'],
    [
      "one under two ids",
      `k1:${SECRET},k2:${SECRET}`,
      'KEYS: key 2: key "k2": expected other bytes than those of the key "k1"',
    ],
    ["a comma behind the last", `k1:${SECRET},`, `KEYS: key 2: ${FORM}`],
  ])("%s", async (_, keys, complaint) => {
    expect(await complaints(keys)).toEqual([`limpet: ${complaint.replace("KEYS", "keys")}`]);
    expect(await complaints(undefined, keys)).toEqual([`limpet: ${complaint.replace("KEYS", "LIMPET_KEYS")}`]);
  });

  test("in a list, with the place in it", async () => {
    expect(await complaints([`k1:${SECRET}`, `k2:${SECRET.slice(0, 8)}`])).toEqual([
      'limpet: keys[1]: key "k2": expected 32 bytes in base64url; got 6',
    ]);
  });

  test.each([
    ["an empty list", [], "keys: expected at least one key; got an empty list"],
    ["an object", { k1: SECRET }, "keys: expected text; got an object"],
    ["objects in a list", [{ k1: SECRET }], "keys[0]: expected text; got an object"],
  ])("%s", async (_, keys, complaint) => {
    expect(await complaints(keys)).toEqual([`limpet: ${complaint}`]);
  });

  test("LIMPET_KEYS that is set and empty, as by a secret that is missing", async () => {
    expect(await complaints(undefined, "")).toEqual([`limpet: LIMPET_KEYS: ${FORM}`]);
  });
});

describe("require_keys", () => {
  const required = (rest: Configuration = {}) => asJson(sealing({ require_keys: true, ...rest }));

  test("refuses where there are none", async () => {
    const filter = await startVm();
    expect(filter.complaints(required())).toEqual([
      "limpet: require_keys: expected keys in LIMPET_KEYS or in keys; there are none",
    ]);
  });

  test("is content with either", async () => {
    expect((await startVm()).complaints(required({ keys: `k1:${SECRET}` }))).toEqual([]);
    expect((await startVm({ LIMPET_KEYS: `k1:${SECRET}` })).complaints(required())).toEqual([]);
  });
});

describe("parseKeys", () => {
  test("reads what formatKeys writes", () => {
    const keys = [newKey("a"), newKey("b")];
    expect(parseKeys(formatKeys(keys))).toEqual(keys);
  });

  test.each([
    ["k1", 'key "k1": expected ID:KEY'],
    [`${SECRET}:k1`, "key 1: expected ID:KEY"],
    [`a:${SECRET},b:abcd`, 'key "b": expected 32 bytes; got 3'],
  ])("%s", (text, message) => {
    expect(() => parseKeys(text)).toThrow(message);
  });

  test("newKey wants an id that the filter takes", () => {
    expect(() => newKey("a b")).toThrow('expected an id of 1 to 16 letters, digits, _ and -; got "a b"');
  });
});
