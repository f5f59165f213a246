import { expect, test } from "vitest";
import { pinCookie } from "./stage/examples.js";
import { scenarios, sharedStage, stageFor } from "./stage/scenarios.js";

/** What the client sends, and what the backend sees of it; in all of them S2 serves. */
const CUT_OUT: [title: string, sent: string[], seen: string[]][] = [
  ["from the first place", ["SERVERID=S2; a=1; b=2"], ["a=1; b=2"]],
  ["from the middle", ["a=1; SERVERID=S2; b=2"], ["a=1; b=2"]],
  ["from the last place", ["a=1; b=2; SERVERID=S2"], ["a=1; b=2"]],
  ["alone: no Cookie field is left", ["SERVERID=S2"], []],
  ["alone with a separator behind it", ["SERVERID=S2;"], []],
  ["from a line without spaces", ["a=1;SERVERID=S2;b=2"], ["a=1; b=2"]],
  ["from the first place without spaces", ["SERVERID=S2;a=1;b=2"], ["a=1;b=2"]],
  ["with odd spacing", ["a=1;   SERVERID = S2  ;   b=2"], ["a=1; b=2"]],
  ["with tabs", ["a=1;\tSERVERID=S2;\tb=2"], ["a=1; b=2"]],
  ["from the second of two lines", ["a=1", "SERVERID=S2"], ["a=1"]],
  ["from the first of two lines", ["SERVERID=S2", "a=1"], ["a=1"]],
  ["from both of two lines", ["a=1; SERVERID=S2", "SERVERID=S3; b=2"], ["a=1", "b=2"]],
  ["from two lines that have nothing else", ["SERVERID=S2", "SERVERID=S2"], []],
  ["with every duplicate", ["SERVERID=S2; a=1; SERVERID=S3; SERVERID=S9; b=2"], ["a=1; b=2"]],
  [
    "with its own $ attributes only",
    ["$Version=1; SERVERID=S2; $Path=/; $Domain=app.test; a=1; $Path=/a"],
    ["$Version=1; a=1; $Path=/a"],
  ],
  ["from among quoted values", ['a="x y"; SERVERID=S2; b="1,2"'], ['a="x y"; b="1,2"']],
  [
    "from among values with bytes above 0x7f",
    ["a=\x80\xff; SERVERID=S2; \xfc\xe9=\xe4"],
    ["a=\x80\xff; \xfc\xe9=\xe4"],
  ],
  ["from among cookies without a name or a value", ["=x; SERVERID=S2; flag; b="], ["=x; flag; b="]],
  ["from beside names that look like it", ["SERVERID2=S1; SERVERID=S2; XSERVERID=S3"], ["SERVERID2=S1; XSERVERID=S3"]],
  ["from beside values that look like it", ["a=SERVERID=S1; SERVERID=S2"], ["a=SERVERID=S1"]],
];

/** Lines without the session's cookie: the backend sees the very same bytes. */
const UNTOUCHED: [title: string, sent: string[]][] = [
  ["two cookies", ["a=1; b=2"]],
  ["odd spacing and empty cookies", ["a=1;b=2 ;;  c = 3;\td"]],
  ["quotes and separators", ['a="x;y"; b=1,2; $Path=/']],
  ["names that contain the name", ["XSERVERID=S2; SERVERID2=S2; SERVERIDX=S2; X-SERVERID=S2"]],
  ["another case of the name", ["serverid=S2; ServerId=S2"]],
  ["the name as a value", ["a=SERVERID; b=SERVERID=S2"]],
  ["two lines", ["a=1", "b=2"]],
];

scenarios("The session's cookie is hidden from the application", (target) => {
  const shared = sharedStage(target);

  test.each(CUT_OUT)("cut out %s", async (_, sent, seen) => {
    const answer = await shared().get("/", ...sent.map((line) => `Cookie: ${line}`));
    expect(answer.body).toBe("S2");
    expect(answer.lines("set-cookie")).toEqual([]);
    expect(shared().backend("S2").lastRequest.lines("cookie")).toEqual(seen.map((line) => `cookie: ${line}`));
  });

  test.each(UNTOUCHED)("left alone byte for byte: %s", async (_, sent) => {
    const answer = await shared().get("/", ...sent.map((line) => `Cookie: ${line}`));
    const { lastRequest } = shared().backend(answer.body);
    expect(lastRequest.lines("cookie")).toEqual(sent.map((line) => `cookie: ${line}`));
  });

  test("an invalid value is hidden too, quoted or unknown", async () => {
    for (const value of ['"S2"', "S9", ""]) {
      const answer = await shared().get("/", `Cookie: a=1; SERVERID=${value}; b=2`);
      expect(shared().backend(answer.body).lastRequest.lines("cookie")).toEqual(["cookie: a=1; b=2"]);
    }
  });

  test("a Cookie2 field is none of Limpet's business", async () => {
    const answer = await shared().get("/", "Cookie2: SERVERID=S2");
    expect(answer.lines("set-cookie")).toHaveLength(1);
    expect(shared().backend(answer.body).lastRequest.lines("cookie2")).toEqual(["cookie2: SERVERID=S2"]);
  });

  test("every other field of the request stays, in its order", async () => {
    const fields = ["X-First: 1", "Accept: text/html;q=0.9, */*", "X-Twice: a", "X-Twice: b", "X-Empty:"];
    await shared().get("/", ...fields.slice(0, 2), "Cookie: SERVERID=S2", ...fields.slice(2));
    const { lastRequest } = shared().backend("S2");
    expect(lastRequest.lines("x-first")).toEqual(["x-first: 1"]);
    expect(lastRequest.lines("accept")).toEqual(["accept: text/html;q=0.9, */*"]);
    expect(lastRequest.lines("x-twice")).toEqual(["x-twice: a", "x-twice: b"]);
    expect(lastRequest.values("x-empty")).toEqual([""]);
  });

  test("with indirect: false the application sees the cookie as the client sent it", async () => {
    const stage = await stageFor(target, {
      change: (bootstrap) => {
        pinCookie(bootstrap).indirect = false;
      },
    });
    expect((await stage.get("/", "Cookie: a=1;SERVERID=S2 ;b=2")).body).toBe("S2");
    expect(stage.backend("S2").lastRequest.lines("cookie")).toEqual(["cookie: a=1;SERVERID=S2 ;b=2"]);
  });
});
