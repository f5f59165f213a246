import { expect, test } from "vitest";
import { ok } from "./stage/backend.js";
import { insertedCookie, pinCookie } from "./stage/examples.js";
import { scenarios, sharedStage, stageFor } from "./stage/scenarios.js";

/** What the application says about caching, and what the client gets to hear with a new cookie. */
const CACHING: [title: string, application: string[], client: string[]][] = [
  ["nothing", [], []],
  ["an entity tag", ['etag: "v1"'], ["cache-control: private"]],
  ["a date of change", ["last-modified: Sun, 01 Nov 2026 00:00:00 GMT"], ["cache-control: private"]],
  ["an end of freshness", ["expires: Thu, 01 Jan 2037 00:00:00 GMT"], ["cache-control: private"]],
  ["a time of freshness", ["cache-control: max-age=60"], ["cache-control: max-age=60,private"]],
  ["a shared time of freshness", ["cache-control: s-maxage=5"], ["cache-control: s-maxage=5,private"]],
  ["private", ['etag: "v1"', "cache-control: private"], ["cache-control: private"]],
  ["no-store", ['etag: "v1"', "cache-control: no-store"], ["cache-control: no-store"]],
  ["Private among others", ["cache-control: max-age=60, Private"], ["cache-control: max-age=60, Private"]],
];

/** `pin.cookie` fields, and the cookie that they write for S2. */
const ATTRIBUTES: [fields: Record<string, unknown>, line: string][] = [
  [{}, "SERVERID=S2; path=/; HttpOnly; SameSite=Lax"],
  [{ path: "/shop", http_only: false }, "SERVERID=S2; path=/shop; SameSite=Lax"],
  [{ domain: ["a.test", "b.test"] }, "SERVERID=S2; path=/; domain=a.test; domain=b.test; HttpOnly; SameSite=Lax"],
  [{ max_age: "8h" }, "SERVERID=S2; path=/; Max-Age=28800; HttpOnly; SameSite=Lax"],
  [{ secure: true, same_site: "None" }, "SERVERID=S2; path=/; HttpOnly; Secure; SameSite=None"],
  [
    { secure: true, partitioned: true, same_site: "Strict" },
    "SERVERID=S2; path=/; HttpOnly; Secure; SameSite=Strict; Partitioned",
  ],
  [{ same_site: "unset" }, "SERVERID=S2; path=/; HttpOnly"],
  [{ name: "__Host-session", secure: true }, "__Host-session=S2; path=/; HttpOnly; Secure; SameSite=Lax"],
];

scenarios("What a response says to the client", (target) => {
  const shared = sharedStage(target);

  test.each(CACHING)("nocache, where the application says %s", async (_, application, client) => {
    shared().answerWith(() => ok("x", ...application));
    const fresh = await shared().get("/");
    expect(fresh.lines("set-cookie")).toHaveLength(1);
    expect(fresh.lines("cache-control")).toEqual(client);
    // A response without a new cookie is the application's alone.
    const stuck = await shared().get("/", "Cookie: SERVERID=S2");
    expect(stuck.lines("cache-control")).toEqual(application.filter((line) => line.startsWith("cache-control")));
  });

  test("without nocache nothing is said about caching", async () => {
    const stage = await stageFor(target, {
      change: (bootstrap) => {
        pinCookie(bootstrap).nocache = false;
      },
    });
    stage.answerWith(() => ok("x", 'etag: "v1"'));
    const answer = await stage.get("/");
    expect(answer.lines("set-cookie")).toHaveLength(1);
    expect(answer.lines("cache-control")).toEqual([]);
  });

  test("the application's cookie of the same name is dropped, its other cookies pass in order", async () => {
    const application = [
      "set-cookie: a=1; Path=/a; SERVERID=x",
      "set-cookie: SERVERID=app; Path=/",
      "set-cookie: serverid=kept",
      "set-cookie: SERVERID = app2",
      "set-cookie: SERVERID2=kept",
      "set-cookie: b=\xe4\xff",
    ];
    const kept = application.filter((_, i) => i !== 1 && i !== 3);
    shared().answerWith(() => ok("S?", ...application));
    const stuck = await shared().get("/", "Cookie: SERVERID=S2");
    expect(stuck.lines("set-cookie")).toEqual(kept);
    const fresh = await shared().get("/");
    expect(fresh.lines("set-cookie").slice(0, -1)).toEqual(kept);
    expect(fresh.lines("set-cookie").at(-1)).toMatch(/^set-cookie: SERVERID=S[123]; path=/);
  });

  test("an empty Set-Cookie line does not hide the ones behind it", async () => {
    shared().answerWith(() => ok("S?", "set-cookie:", "set-cookie: SERVERID=app", "set-cookie: b=1"));
    const stuck = await shared().get("/", "Cookie: SERVERID=S2");
    expect(stuck.values("set-cookie").filter((value) => value !== "")).toEqual(["b=1"]);
  });

  test("with preserve the application may set the session's cookie itself, and is not contradicted", async () => {
    const stage = await stageFor(target, {
      change: (bootstrap) => {
        pinCookie(bootstrap).preserve = true;
      },
    });
    const own = "set-cookie: SERVERID=; Max-Age=0; path=/";
    stage.answerWith(({ path }) => ok("x", ...(path === "/logout" ? [own] : [])));
    for (const cookie of [[], ["Cookie: SERVERID=S2"], ["Cookie: SERVERID=S9"]]) {
      expect((await stage.get("/logout", ...cookie)).lines("set-cookie")).toEqual([own]);
    }
    expect((await stage.get("/")).lines("set-cookie")).toHaveLength(1);
  });

  test.each(ATTRIBUTES)("cookie attributes %j", async (fields, line) => {
    const stage = await stageFor(target, {
      change: (bootstrap) => {
        const cookie = pinCookie(bootstrap);
        delete cookie.same_site;
        delete cookie.http_only;
        Object.assign(cookie, fields);
      },
      dead: ["S1", "S3"],
    });
    const answer = await stage.get("/");
    expect(answer.lines("set-cookie")).toEqual([`set-cookie: ${line}`]);
  });

  test("a request that came by https gets a Secure cookie, one by http does not", async () => {
    shared().answerWith(() => ok("S2"));
    const [https] = (await shared().get("/", "X-Forwarded-Proto: https")).values("set-cookie");
    expect(https).toMatch(/^SERVERID=S[123]; path=\/; HttpOnly; Secure; SameSite=Lax$/);
    const [http] = (await shared().get("/", "X-Forwarded-Proto: http")).lines("set-cookie");
    expect(["S1", "S2", "S3"].map(insertedCookie)).toContain(http);
  });
});
