import { expect, test } from "vitest";
import { randomWords } from "../../scripts/random.js";
import { ok } from "./stage/backend.js";
import { insertedCookie } from "./stage/examples.js";
import { scenarios, sharedStage, stageFor } from "./stage/scenarios.js";

/** Every byte but CR and LF, which end a line. */
const BYTES = Array.from({ length: 255 }, (_, i) => i + 1).filter((byte) => byte !== 0x0a && byte !== 0x0d);
/** RFC 9110, section 5.5: a field's value has visible characters, blanks and bytes above 0x7f. */
const isAllowed = (byte: number) => (byte >= 0x20 && byte !== 0x7f) || byte === 0x09;

scenarios("Hostile requests", (target) => {
  const shared = sharedStage(target);

  test("every byte in a cookie either passes as it is, or the request is refused", async () => {
    for (const byte of BYTES) {
      const odd = String.fromCharCode(byte);
      const answer = await shared().get("/", `Cookie: a=x${odd}y; SERVERID=S2`);
      if (!isAllowed(byte)) {
        expect(answer.status, `byte ${byte}`).toBe(400);
        continue;
      }
      expect(answer.body, `byte ${byte}`).toBe("S2");
      expect(answer.lines("set-cookie")).toEqual([]);
      expect(shared().backend("S2").lastRequest.lines("cookie")).toEqual([`cookie: a=x${odd}y`]);
    }
  });

  test("every byte behind a server's id makes it another id, but for blanks and the end of a cookie", async () => {
    for (const byte of BYTES.filter(isAllowed)) {
      const answer = await shared().get("/", `Cookie: SERVERID=S2${String.fromCharCode(byte)}; a=1`);
      const same = [0x09, 0x20, 0x3b].includes(byte);
      expect(answer.lines("set-cookie"), `byte ${byte}`).toEqual(same ? [] : [insertedCookie(answer.body)]);
      expect(shared().backend(answer.body).lastRequest.lines("cookie")).toEqual(["cookie: a=1"]);
    }
  });

  test("a Cookie line of 55,000 bytes sticks, and loses nothing else", async () => {
    const other = "x".repeat(27_000);
    const answer = await shared().get("/", `Cookie: a=${other}; SERVERID=S2; b=${other}`);
    expect(answer.body).toBe("S2");
    expect(shared().backend("S2").lastRequest.lines("cookie")).toEqual([`cookie: a=${other}; b=${other}`]);
  });

  test("headers above Envoy's limit of 60 KiB are refused, and harm nobody", async () => {
    const answer = await shared().get("/", `Cookie: a=${"x".repeat(70_000)}; SERVERID=S2`);
    expect(answer.status).toBe(431);
    expect(answer.lines("set-cookie")).toEqual([]);
    expect((await shared().get("/", "Cookie: SERVERID=S2")).body).toBe("S2");
  });

  test("thousands of cookies in one line", async () => {
    const cookies = Array.from({ length: 4000 }, (_, i) => `c${i}=${i}`);
    const line = [...cookies.slice(0, 2000), "SERVERID=S2", ...cookies.slice(2000)].join("; ");
    expect((await shared().get("/", `Cookie: ${line}`)).body).toBe("S2");
    expect(shared().backend("S2").lastRequest.values("cookie")).toEqual([cookies.join("; ")]);
  });

  test("thousands of the session's own cookie, of which the last is good", async () => {
    const line = `${"SERVERID=S9; ".repeat(4000)}SERVERID=S2`;
    const answer = await shared().get("/", `Cookie: ${line}`);
    expect(answer.body).toBe("S2");
    expect(answer.lines("set-cookie")).toEqual([]);
    expect(shared().backend("S2").lastRequest.lines("cookie")).toEqual([]);
  });

  test("80 Cookie lines, each with the session's cookie", async () => {
    const lines = Array.from({ length: 80 }, (_, i) => `Cookie: c${i}=${i}; SERVERID=S2`);
    expect((await shared().get("/", ...lines)).body).toBe("S2");
    expect(shared().backend("S2").lastRequest.values("cookie")).toEqual(
      Array.from({ length: 80 }, (_, i) => `c${i}=${i}`),
    );
  });

  test("nothing but separators and blanks", async () => {
    for (const line of [";", ";;;;", " ; ; ", "=", "=;=;=", ";=;SERVERID=S2;=;", '"', "$", ";".repeat(50_000)]) {
      const answer = await shared().get("/", `Cookie: ${line}`);
      expect(answer.status, line.slice(0, 20)).toBe(200);
      expect(answer.lines("set-cookie")).toHaveLength(line.includes("S2") ? 0 : 1);
    }
  });

  test("a response of hostile cookies passes, but for the session's own", async () => {
    const stage = await stageFor(target);
    const application = [
      `a=${"x".repeat(500)}`,
      "=",
      ";",
      "SERVERIDX=1",
      "b=\x80\xff\t;;=",
      '"SERVERID=q"',
      "SERVERID",
    ];
    stage.answerWith(() => ok("x", ...application.map((value) => `set-cookie: ${value}`), "set-cookie: SERVERID=evil"));
    const answer = await stage.get("/", "Cookie: SERVERID=S2");
    expect(answer.values("set-cookie")).toEqual(application);
  });

  // LIMPET_SEED repeats a run.
  const seed = Number(process.env.LIMPET_SEED ?? Math.floor(Math.random() * 2 ** 31));
  test(`random Cookie lines lose the session's cookie and nothing else (LIMPET_SEED=${seed})`, async () => {
    const next = randomWords(seed);
    const random = (below: number) => next() % below;
    const pick = <T>(from: T[]) => from[random(from.length)]!;
    const others = [
      "x",
      "x=",
      "x=1",
      'x="q"',
      "XSERVERID=S1",
      "SERVERID2=S3",
      "serverid=S1",
      "a=SERVERID=S3",
      "\xe4=\xff",
      "=v",
      "x==",
      "x=$y",
    ];
    for (let i = 0; i < 300; i++) {
      const kept: string[] = [];
      let line = "";
      let named: string | undefined;
      for (let count = 1 + random(8); count > 0; count--) {
        if (line) line += pick([";", "; ", " ;", ";\t", ";  "]);
        if (random(3) === 0) {
          const value = pick(["S1", "S2", "S3", "S9", ""]);
          if (["S1", "S2", "S3"].includes(value)) named ??= value;
          line += `SERVERID${pick(["=", " =", "= "])}${value}`;
        } else {
          const cookie = pick(others);
          kept.push(cookie);
          line += cookie;
        }
      }
      const answer = await shared().get("/", `Cookie: ${line}`);
      if (named) expect(answer.body, line).toBe(named);
      expect(answer.lines("set-cookie"), line).toEqual(named ? [] : [insertedCookie(answer.body)]);
      const seen = shared().backend(answer.body).lastRequest.values("cookie").join("");
      expect(seen === "" ? [] : seen.split(";").map((cookie) => cookie.trim()), line).toEqual(kept);
    }
  });
});
