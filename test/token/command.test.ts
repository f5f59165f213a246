/** `limpet keys new`, as a person runs it. */
import { expect, test } from "vitest";
import { formatKeys, KEY_BYTES, newKey, parseKeys, type TokenKey } from "../../host-sim/tokens/keys.js";
import { openToken } from "../../host-sim/tokens/sealed-token.js";
import { run } from "../../scripts/project.js";

const keysNew = (...args: string[]) => run([process.execPath, "scripts/bootstrap.mjs", "keys", "new", ...args]);

test("the last line is a value for LIMPET_KEYS, another one each time", async () => {
  const lastLine = async (...args: string[]) => (await keysNew(...args)).output.trimEnd().split("\n").at(-1)!;
  const [anonymous, named] = [...parseKeys(await lastLine()), ...parseKeys(await lastLine("web-2"))] as [
    TokenKey,
    TokenKey,
  ];
  expect(anonymous.id).toMatch(/^k[0-9a-z]{1,5}$/);
  expect(named.id).toBe("web-2");
  expect([anonymous.bytes.length, named.bytes.length]).toEqual([KEY_BYTES, KEY_BYTES]);
  expect(anonymous.bytes).not.toEqual(named.bytes);
});

test("an id that the filter would not take is refused", async () => {
  const { status, output } = await keysNew("a b");
  expect(status).toBe(1);
  expect(output).toContain('limpet: expected an id of 1 to 16 letters, digits, _ and -; got "a b"');
});

test("tokens make: the last line is a token for that cookie, server and cluster", async () => {
  const key = newKey("k1");
  const make = (...args: string[]) =>
    run([process.execPath, "scripts/bootstrap.mjs", "tokens", "make", ...args], {
      env: { LIMPET_KEYS: formatKeys([key]) },
    });
  const { output } = await make("--server", "S2", "--cookie", "SERVERID", "--cluster", "web", "--force");
  const place = { parts: ["cookie", "SERVERID", "default", "pin:SERVERID"], cluster: "web" };
  const claims = openToken(output.trimEnd().split("\n").at(-1)!, [key], place)?.claims;
  expect(claims).toMatchObject({ server: "S2", isEndpoint: false, force: true });
  expect((await make("--server", "S2")).output).toContain("limpet: expected either --cookie or --header");
});
