import { expect, test } from "vitest";
import xxhash from "xxhash-wasm";
import type { Target } from "../targets/target.js";
import { ok } from "./stage/backend.js";
import { exchange } from "./stage/client.js";
import { pinCookie, SERVERS } from "./stage/examples.js";
import { scenarios, stageFor } from "./stage/scenarios.js";
import type { Stage } from "./stage/stage.js";

/** The stage of `cookie-insert` with other options of its cookie; another mode has options of its own. */
function cookieStage(target: Target, options: Record<string, unknown>): Promise<Stage> {
  return stageFor(target, {
    change: (bootstrap) => {
      const { name, value, ...inserted } = pinCookie(bootstrap);
      bootstrap.limpet().rules[0].pin.cookie = { name, value, ...("mode" in options ? {} : inserted), ...options };
    },
  });
}

/** HAProxy's date: five Base64 digits of a count of four seconds. */
function date(secondsAgo: number): string {
  let units = Math.floor((Date.now() / 1000 - secondsAgo + 3) / 4);
  let digits = "";
  for (let i = 0; i < 5; i++) {
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[units % 64] + digits;
    units = Math.floor(units / 64);
  }
  return digits;
}

scenarios("HAProxy cookie prefix: the server before the application's own value", (target) => {
  const prefix = (target: Target) => cookieStage(target, { name: "JSESSIONID", mode: "prefix" });

  test("the client gets it in front, the application gets it taken off", async () => {
    const stage = await prefix(target);
    stage.backend("S2").answer = () => ok("S2", "Set-Cookie: JSESSIONID=abc; Path=/app; HttpOnly", "Set-Cookie: b=1");
    let answer = await stage.get("/");
    for (let i = 0; i < 12 && answer.body !== "S2"; i++) answer = await stage.get("/");
    expect(answer.lines("set-cookie")).toEqual([
      "set-cookie: JSESSIONID=S2~abc; Path=/app; HttpOnly",
      "set-cookie: b=1",
    ]);
    for (let i = 0; i < 6; i++) {
      expect((await stage.get("/", "Cookie: x=1; JSESSIONID=S2~abc;y=2")).body).toBe("S2");
      expect(stage.backend("S2").lastRequest.lines("cookie")).toEqual(["cookie: x=1; JSESSIONID=abc;y=2"]);
    }
  });

  test("a session whose server is dead moves when the application says so", async () => {
    const stage = await prefix(target);
    stage.answerWith((request) => ok(request.lines("cookie").join(), "Set-Cookie: JSESSIONID=new"));
    await stage.backend("S2").die();
    const answer = await stage.get("/", "Cookie: JSESSIONID=S2~old");
    expect(answer.body).toBe("cookie: JSESSIONID=old");
    expect(answer.lines("set-cookie").join()).toMatch(/^set-cookie: JSESSIONID=S[13]~new$/);
  });

  test("nothing is written where the application writes nothing", async () => {
    const stage = await prefix(target);
    expect((await stage.get("/")).lines("set-cookie")).toEqual([]);
    expect((await stage.get("/", "Cookie: JSESSIONID=plain")).lines("set-cookie")).toEqual([]);
  });
});

scenarios("HAProxy cookie rewrite: the server in the stead of the application's value", (target) => {
  test("a cookie that the application sets names its server", async () => {
    const stage = await cookieStage(target, { mode: "rewrite" });
    stage.answerWith(() => ok("x", "Set-Cookie: a=1", "Set-Cookie: SERVERID=anything; Path=/; Max-Age=60"));
    const answer = await stage.get("/");
    expect(answer.lines("set-cookie")[0]).toBe("set-cookie: a=1");
    expect(answer.lines("set-cookie")[1]).toMatch(/^set-cookie: SERVERID=S[123]; Path=\/; Max-Age=60$/);
    for (let i = 0; i < 4; i++) await stage.get("/", "Cookie: SERVERID=S3");
    expect(stage.requestCounts().S3).toBeGreaterThanOrEqual(4);
    expect(stage.backend("S3").lastRequest.lines("cookie")).toEqual(["cookie: SERVERID=S3"]);
  });
});

scenarios("HAProxy cookie postonly and preserve", (target) => {
  test("postonly: written in the response to a POST only", async () => {
    const stage = await cookieStage(target, { postonly: true });
    expect((await stage.get("/")).lines("set-cookie")).toEqual([]);
    const posted = await exchange(stage.port, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
    expect(posted.lines("set-cookie").join()).toMatch(/SERVERID=S[123]/);
  });

  test("preserve: the application's own cookie is let through, and stands for ours", async () => {
    const stage = await cookieStage(target, { preserve: true });
    stage.answerWith(() => ok("x", "Set-Cookie: SERVERID=; Max-Age=0"));
    expect((await stage.get("/")).lines("set-cookie")).toEqual(["set-cookie: SERVERID=; Max-Age=0"]);
    stage.answerWith(() => ok("x"));
    expect((await stage.get("/")).lines("set-cookie").join()).toMatch(/SERVERID=S[123]/);
  });
});

scenarios("HAProxy cookie dynamic: a server's name that tells nothing", (target) => {
  test("it is XXH64 of key, address and port, and leads back", async () => {
    const { h64Raw } = await xxhash();
    const stage = await cookieStage(target, { value: "keyed", key: "secret" });
    for (const name of SERVERS) {
      const { host, port } = stage.backend(name);
      const bytes = Buffer.concat([Buffer.from("secret"), Buffer.from(host.split(".").map(Number)), Buffer.alloc(4)]);
      bytes.writeUInt32BE(port, bytes.length - 4);
      const value = h64Raw(bytes).toString(16).padStart(16, "0");
      for (let i = 0; i < 3; i++) {
        const answer = await stage.get("/", `Cookie: SERVERID=${value}`);
        expect(answer.body).toBe(name);
        expect(answer.lines("set-cookie")).toEqual([]);
      }
    }
    const first = await stage.get("/", "Cookie: SERVERID=S2");
    expect(first.lines("set-cookie").join()).toMatch(/SERVERID=[0-9a-f]{16};/);
  });
});

scenarios("A session ends in time, whatever the client does with its cookie", (target) => {
  const limited = { max_idle: "30m", max_life: "8h" };

  test("a new cookie carries both dates", async () => {
    const stage = await cookieStage(target, limited);
    expect((await stage.get("/")).lines("set-cookie").join()).toMatch(/SERVERID=S[123]\|[\w+/]{5}\|[\w+/]{5};/);
  });

  test.each([
    ["young", 60, 3600, "sticks, not written"],
    ["due for a refresh", 1000, 3600, "sticks, written with its first date"],
    ["idle for too long", 1900, 3600, "ended"],
    ["alive for too long", 60, 30_000, "ended"],
    ["dated more than a day ahead", -90_000, 60, "ended"],
  ])("%s", async (_, idle, age, fate) => {
    const stage = await cookieStage(target, limited);
    const since = date(age);
    const written = new Set<string>();
    const servers = new Set<string>();
    for (let i = 0; i < 8; i++) {
      const answer = await stage.get("/", `Cookie: SERVERID=S2|${date(idle)}|${since}`);
      servers.add(answer.body);
      for (const line of answer.values("set-cookie")) written.add(line);
    }
    if (fate === "ended") expect(servers.size).toBeGreaterThan(1);
    else expect([...servers]).toEqual(["S2"]);
    if (fate === "sticks, not written") expect(written.size).toBe(0);
    else if (fate === "ended") for (const line of written) expect(line).not.toContain(`|${since};`);
    else
      for (const line of written)
        expect(line).toMatch(new RegExp(`^SERVERID=S2\\|.{5}\\|${since.replace(/[+/]/g, "\\$&")};`));
  });

  test("a cookie without dates is accepted, and dated", async () => {
    const stage = await cookieStage(target, limited);
    const answer = await stage.get("/", "Cookie: SERVERID=S2");
    expect(answer.body).toBe("S2");
    expect(answer.lines("set-cookie").join()).toMatch(/SERVERID=S2\|.{5}\|.{5};/);
  });
});

scenarios("The attributes of the cookie", (target) => {
  test("all of them, in HAProxy's order", async () => {
    const stage = await cookieStage(target, {
      path: "/app",
      domain: ["a.example", "b.example"],
      max_age: "1h",
      secure: true,
      same_site: "None",
      partitioned: true,
    });
    expect((await stage.get("/")).values("set-cookie")[0]).toMatch(
      /^SERVERID=S[123]; path=\/app; domain=a\.example; domain=b\.example; Max-Age=3600; HttpOnly; Secure; SameSite=None; Partitioned$/,
    );
  });

  test("expires: the date that Max-Age means, for old clients", async () => {
    const stage = await cookieStage(target, { max_age: "1h", expires: true });
    const [line = ""] = (await stage.get("/")).values("set-cookie");
    const expires = /; Expires=(\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT)/.exec(line)?.[1] ?? "";
    const inSeconds = (Date.parse(expires) - Date.now()) / 1000;
    expect(new Date(Date.parse(expires)).toUTCString()).toBe(expires);
    expect(Math.round(inSeconds / 60)).toBe(60);
  });

  test.each([
    ["a current browser", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36", true],
    ["Chrome 60", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/60.0.3112.90 Safari/537.36", false],
    [
      "iOS 12",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 12_4 like Mac OS X) AppleWebKit/605.1.15 Version/12.1.2 Safari/604.1",
      false,
    ],
    [
      "macOS 10.14's Safari",
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_6) AppleWebKit/605.1.15 Version/12.1.2 Safari/605.1.15",
      false,
    ],
    ["UC Browser 12.12", "Mozilla/5.0 (Linux; U; Android 9) UCBrowser/12.12.8.1206 Mobile Safari/537.36", false],
    ["UC Browser 12.13.2", "Mozilla/5.0 (Linux; U; Android 9) UCBrowser/12.13.2.1208 Mobile Safari/537.36", true],
  ])("same_site auto: %s", async (_, agent, understands) => {
    const stage = await cookieStage(target, { same_site: "auto", secure: true });
    const [line = ""] = (await stage.get("/", `User-Agent: ${agent}`)).values("set-cookie");
    expect(line.includes("; Secure; SameSite=None")).toBe(understands);
    expect(line.includes("SameSite")).toBe(understands);
  });
});
