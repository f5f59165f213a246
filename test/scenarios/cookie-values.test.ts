import { expect, test } from "vitest";
import { insertedCookie } from "./stage/examples.js";
import { scenarios, sharedStage } from "./stage/scenarios.js";

/** Cookie lines that name S2, under rules as HAProxy has them. */
const NAMES_S2: [title: string, lines: string[]][] = [
  ["blanks around the value", ["SERVERID= \tS2\t "]],
  ["the first valid of several values", ["SERVERID=S9; SERVERID=; SERVERID=S2; SERVERID=S3"]],
  ["the first valid value over two lines", ["a=1; SERVERID=S9", "SERVERID=S2; SERVERID=S1"]],
  ["the first of two valid values", ["SERVERID=S2; SERVERID=S3"]],
  ["the first of two lines with valid values", ["SERVERID=S2", "SERVERID=S3"]],
];

/** Cookie values that name no server. */
const NAMES_NONE: [title: string, line: string][] = [
  ["an unknown server", "SERVERID=S9"],
  ["an empty value", "SERVERID="],
  ["a quoted value", 'SERVERID="S2"'],
  ["a value in another case", "SERVERID=s2"],
  ["a longer value", "SERVERID=S22"],
  ["a shorter value", "SERVERID=S"],
  ["a value with something behind it", "SERVERID=S2 x"],
  ["a value with an equals sign", "SERVERID=S2="],
  ["an address", "SERVERID=127.0.0.1:8002"],
  ["bytes above 0x7f", "SERVERID=S2\xff"],
  ["a cookie's name in another case", "serverid=S2"],
  ["a very long value", `SERVERID=${"S2".repeat(4000)}`],
];

scenarios("What a session's cookie can say", (target) => {
  const shared = sharedStage(target);

  test.each(NAMES_S2)("sticks: %s", async (_, lines) => {
    for (let i = 0; i < 4; i++) {
      const answer = await shared().get("/", ...lines.map((line) => `Cookie: ${line}`));
      expect(answer.body).toBe("S2");
      expect(answer.lines("set-cookie")).toEqual([]);
    }
  });

  test.each(NAMES_NONE)("is placed anew, and gets a good cookie: %s", async (_, line) => {
    const servers = new Set<string>();
    for (let i = 0; i < 12; i++) {
      const answer = await shared().get("/", `Cookie: ${line}`);
      expect(answer.status).toBe(200);
      expect(answer.lines("set-cookie")).toEqual([insertedCookie(answer.body)]);
      servers.add(answer.body);
    }
    expect(servers.size).toBeGreaterThan(1);
  });

  test("a client that keeps the new cookie sticks from then on", async () => {
    const visitor = shared().visitor();
    visitor.cookies.set("SERVERID", "made-up");
    const first = await visitor.get();
    expect(visitor.cookies.get("SERVERID")).toBe(first.body);
    for (let i = 0; i < 10; i++) {
      const answer = await visitor.get();
      expect(answer.body).toBe(first.body);
      expect(answer.lines("set-cookie")).toEqual([]);
    }
  });
});
