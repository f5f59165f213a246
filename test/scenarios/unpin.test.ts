import { expect, test } from "vitest";
import type { Target } from "../targets/target.js";
import { ok, response } from "./stage/backend.js";
import type { Bootstrap } from "./stage/bootstrap.js";
import { counters } from "./stage/counters.js";
import { scenarios, stageFor } from "./stage/scenarios.js";
import { until } from "./stage/stage.js";

const HEADER = "x-limpet-unpin";
const EXPIRED = "set-cookie: SERVERID=; path=/; Max-Age=0; HttpOnly; SameSite=Lax";

const stageWith = (target: Target, change: (bootstrap: Bootstrap) => void = () => {}, example = "cookie-insert") =>
  stageFor(target, {
    example,
    change: (bootstrap) => {
      bootstrap.limpet().unpin = { header: "X-Limpet-Unpin", status: [410, 440] };
      change(bootstrap);
    },
  });

/** The values of `value` in the rule's cookie. */
const TOKENS = [{ value: "server_id" }, { value: "keyed", key: "a secret" }, { value: "sealed" }];

scenarios("The application ends a session", (target) => {
  test.each(TOKENS)(
    "by a header: the cookie ($value) is taken back, and the client does not get the header",
    async (token) => {
      const stage = await stageWith(target, (bootstrap) => {
        Object.assign(bootstrap.limpet().rules[0].pin.cookie, token);
      });
      const visitor = stage.visitor();
      const first = await visitor.get();
      const home = stage.backend(first.body);
      expect((await visitor.get()).body).toBe(home.name);
      for (const value of ["", "1"]) {
        home.answer = () => ok("ended", `${HEADER}: ${value}`);
        const answer = await stage.get("/", `Cookie: SERVERID=${visitor.cookies.get("SERVERID")}`);
        expect(answer.body).toBe("ended");
        expect(answer.lines("set-cookie")).toEqual([EXPIRED]);
        expect(answer.lines(HEADER)).toEqual([]);
      }
      home.answer = () => ok(home.name);
    },
  );

  test("by a status; a status of Envoy's own says nothing", async () => {
    const stage = await stageWith(target);
    for (const status of ["410 Gone", "440 Login Time-out"]) {
      stage.backend("S2").answer = () => response(status, "over");
      const answer = await stage.get("/", "Cookie: SERVERID=S2");
      expect(answer.status).toBe(Number(status.slice(0, 3)));
      expect(answer.lines("set-cookie")).toEqual([EXPIRED]);
    }
    stage.backend("S2").answer = () => response("404 Not Found", "no");
    expect((await stage.get("/", "Cookie: SERVERID=S2")).lines("set-cookie")).toEqual([]);
    await until("all are counted", async () => (await counters(stage))["pin_SERVERID.outcome.unpinned"] === 2);
  });

  test("a client without a session gets no cookie at all", async () => {
    const stage = await stageWith(target);
    stage.answerWith(() => ok("bye", `${HEADER}: `));
    expect((await stage.get("/")).lines("set-cookie")).toEqual([]);
  });

  test.each(TOKENS)("or sends it to another server, by id or address: the cookie ($value) follows", async (token) => {
    const stage = await stageWith(target, (bootstrap) => {
      Object.assign(bootstrap.limpet().rules[0].pin.cookie, token);
    });
    const visitor = stage.visitor();
    const home = (await visitor.get()).body;
    const [one, other] = ["S1", "S2", "S3"].filter((server) => server !== home);
    stage.backend(home).answer = () => ok(home, `${HEADER}: ${one}`);
    expect((await visitor.get()).lines("set-cookie").length).toBe(1);
    stage.backend(one!).answer = () => ok(one!, `${HEADER}: ${stage.backend(other!).address}`);
    expect((await visitor.get()).body).toBe(one);
    for (let i = 0; i < 3; i++) {
      const answer = await visitor.get();
      expect(answer.body).toBe(other);
      expect(answer.lines("set-cookie")).toEqual([]);
    }
  });

  test("a token in a header: an empty one takes it back", async () => {
    const name = "x-session";
    const stage = await stageWith(target, (bootstrap) => {
      bootstrap.limpet().rules = [{ pin: { header: { name } } }];
    });
    const token = (await stage.get("/")).values(name)[0]!;
    expect(token).not.toBe("");
    stage.answerWith(() => ok("bye", `${HEADER}: `));
    expect((await stage.get("/", `${name}: ${token}`)).values(name)).toEqual([""]);
  });

  test("a learned session is forgotten, or its server's from then on", async () => {
    const stage = await stageWith(target, () => {}, "nginx-sticky-learn");
    const rule = stage.bootstrap.limpet().rules[0].learn;
    const cookie = [rule.create].flat()[0].cookie as string;
    stage.answerWith(() => ok("made", `set-cookie: ${cookie}=abc`));
    await stage.get("/");
    const counts = () => stage.requestCounts();
    const home = Object.entries(counts()).find(([, count]) => count === 1)![0];
    stage.answerWith(() => ok("served"));
    const ask = () => stage.get("/", `Cookie: ${cookie}=abc`);
    await ask();
    expect(counts()[home]).toBe(2);
    const other = ["S1", "S2", "S3"].find((server) => server !== home)!;
    stage.backend(home).answer = () => ok("go", `${HEADER}: ${other}`);
    await ask();
    const before = counts()[other]!;
    for (let i = 0; i < 4; i++) await ask();
    expect(counts()[other]).toBe(before + 4);
    stage.backend(other).answer = () => ok("end", `${HEADER}: `);
    await ask();
    stage.answerWith(() => ok("served"));
    const ended = counts();
    for (let i = 0; i < 3; i++) await ask();
    // Envoy's round robin again: not all on one server.
    expect(["S1", "S2", "S3"].filter((server) => counts()[server]! > ended[server]!).length).toBeGreaterThan(1);
  });
});

scenarios("What Envoy answers itself", (target) => {
  test("binds nobody: a hashed server that refuses leaves no cookie", async () => {
    const stage = await stageFor(target, {
      dead: ["S1", "S2", "S3"],
      change: (bootstrap) => {
        bootstrap.limpet().rules.push({ hash: { client_ip: {} } });
        delete bootstrap.virtualHost().routes[0].route.retry_policy;
      },
    });
    const answer = await stage.get("/");
    expect(answer.startLine).toBe("HTTP/1.1 503 Service Unavailable");
    expect(answer.lines("set-cookie")).toEqual([]);
  });
});
