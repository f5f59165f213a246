import { expect, test } from "vitest";
import type { Target } from "../targets/target.js";
import { ok } from "./stage/backend.js";
import { counters } from "./stage/counters.js";
import { Crowd } from "./stage/crowd.js";
import { pinCookie, SERVERS } from "./stage/examples.js";
import type { Message } from "./stage/message.js";
import { scenarios, stageFor } from "./stage/scenarios.js";
import { type Stage, type StageOptions, until } from "./stage/stage.js";

const strict = (target: Target, options: StageOptions = {}) => stageFor(target, { example: "strict", ...options });

/** The same with an id as the cookie, which a scenario can make for itself. */
const byId = (target: Target, { change, ...options }: StageOptions = {}) =>
  strict(target, {
    ...options,
    change: (bootstrap) => {
      pinCookie(bootstrap).value = "server_id";
      change?.(bootstrap);
    },
  });

/** The answer of the session whose cookie names S2. */
const session = (stage: Stage, ...lines: string[]) => stage.get("/", "Cookie: SERVERID=S2", ...lines);

function expectRefusal(answer: Message): void {
  expect(answer.startLine).toBe("HTTP/1.1 503 Service Unavailable");
  expect(answer.values("retry-after")).toEqual(["5"]);
  expect(answer.lines("set-cookie")).toEqual([]);
  expect(answer.lines("x-limpet-upstream")).toEqual([]);
}

scenarios("A session is served by its own server or by none", (target) => {
  test("kill -9 under traffic: its sessions are told to come back later, the others notice nothing, and nobody moves", async () => {
    const stage = await strict(target);
    const crowd = await Crowd.of(stage, 24);
    const homes = [...crowd.homes];
    await stage.backend("S2").die();
    const away = await crowd.round();
    expect(away).toMatchObject({ lost: homes.filter((home) => home === "S2").length, moved: 0, cookies: 0 });
    expectRefusal(await crowd.visitors[homes.indexOf("S2")]!.get());
    await stage.backend("S2").open();
    expect(await crowd.round()).toMatchObject({ lost: 0, moved: 0, needless: 0, cookies: 0 });
  });

  test("all die and come back: every session goes on where it was", async () => {
    const stage = await strict(target);
    const crowd = await Crowd.of(stage, 12);
    for (const server of SERVERS) await stage.backend(server).die();
    expect(await crowd.round()).toMatchObject({ lost: 12, moved: 0, cookies: 0 });
    for (const server of SERVERS) await stage.backend(server).open();
    expect(await crowd.round()).toMatchObject({ lost: 0, moved: 0, needless: 0, cookies: 0 });
  });

  test("a client cannot ask for retries, and the backend does not hear of them", async () => {
    const stage = await byId(target, { dead: ["S2"] });
    expectRefusal(await session(stage, "x-envoy-max-retries: 3", "x-envoy-retry-on: 5xx"));
    expect(stage.requestCounts()).toEqual({ S1: 0, S2: 0, S3: 0 });
    await stage.backend("S2").open();
    expect((await session(stage, "x-envoy-max-retries: 3")).body).toBe("S2");
    expect(stage.backend("S2").lastRequest.lines("x-envoy-max-retries")).toEqual([]);
  });

  test("a health check found it down: no other server gets its requests", async () => {
    const stage = await byId(target, { inFile: "endpoints" });
    expect((await session(stage)).body).toBe("S2");
    const tell = async (status: "HEALTHY" | "UNHEALTHY") => {
      await stage.change((bootstrap) => {
        bootstrap.endpoint("S2").health_status = status;
      }, "endpoints");
      await until(`S2 is ${status}`, async () => (await stage.health("S2")).eds_health_status === status);
    };
    for (let flap = 0; flap < 2; flap++) {
      await tell("UNHEALTHY");
      for (let i = 0; i < 4; i++) expectRefusal(await session(stage));
      await tell("HEALTHY");
      expect((await session(stage)).body).toBe("S2");
    }
    expect(stage.requestCounts()).toEqual({ S1: 0, S2: 3, S3: 0 });
  });

  test("the list calls it down: answered without an upstream, by the status that was told", async () => {
    const stage = await byId(target, {
      change: (bootstrap) => {
        bootstrap.limpet().servers[1].state = "down";
        bootstrap.limpet().rules[0].on_unavailable = { refuse: { status: 409, retry_after: "2m" } };
      },
    });
    for (let i = 0; i < 4; i++) {
      const answer = await session(stage);
      expect(answer.startLine).toBe("HTTP/1.1 409 Conflict");
      expect(answer.values("retry-after")).toEqual(["120"]);
      expect(answer.body).toBe("the session's server is unavailable");
    }
    expect(stage.requestCounts()).toEqual({ S1: 0, S2: 0, S3: 0 });
    await until("all are counted", async () => (await counters(stage))["pin_SERVERID.outcome.refused"] === 4);
  });

  test("with a hold it is asked once, and then left alone", async () => {
    const stage = await byId(target, {
      concurrency: 1,
      change: (bootstrap) => {
        bootstrap.limpet().rules[0].on_unavailable = { refuse: { hold: "1h" } };
      },
    });
    stage.backend("S2").answer = () => "reset";
    for (let i = 0; i < 5; i++) expectRefusal(await session(stage));
    expect(stage.requestCounts()).toEqual({ S1: 0, S2: 1, S3: 0 });
  });

  test("a pause that the route's timeout ends is Envoy's 504: the server may have done the work", async () => {
    const stage = await byId(target, {
      change: (bootstrap) => {
        bootstrap.virtualHost().routes[0].route.timeout = "0.3s";
      },
    });
    stage.backend("S2").answer = () => "hang";
    const answer = await session(stage);
    expect(answer.startLine).toBe("HTTP/1.1 504 Gateway Timeout");
    expect(answer.lines("retry-after")).toEqual([]);
    stage.backend("S2").answer = () => ok("S2");
    expect((await session(stage)).body).toBe("S2");
    await until("both are counted", async () => Object.keys(await counters(stage)).length === 2);
    expect(await counters(stage)).toEqual({ "pin_SERVERID.outcome.unserved": 1, "pin_SERVERID.outcome.stuck": 1 });
  });

  test("its own 503 passes as it is", async () => {
    const stage = await byId(target);
    stage.backend("S2").answer = () => "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 4\r\n\r\nbusy";
    const answer = await session(stage);
    expect(answer.body).toBe("busy");
    expect(answer.lines("retry-after")).toEqual([]);
  });
});

scenarios("Retries go to the session's server first", (target) => {
  const again = (onUnavailable: string, retries: number) =>
    stageFor(target, {
      example: "override-host",
      change: (bootstrap) => {
        Object.assign(bootstrap.limpet().rules[0], { on_unavailable: onUnavailable, redispatch_after: 2 });
        bootstrap.limpet().rules[0].pin.cookie.value = "server_id";
        bootstrap.virtualHost().routes[0].route.retry_policy = { retry_on: "reset", num_retries: retries };
      },
    });

  test("redispatch_after: two retries there, the third elsewhere", async () => {
    const stage = await again("move", 3);
    stage.backend("S2").answer = () => "reset";
    const answer = await session(stage);
    expect(["S1", "S3"]).toContain(answer.body);
    expect(stage.requestCounts()).toMatchObject({ S2: 3 });
    expect(answer.lines("set-cookie").length).toBe(1);
  });

  test("a hiccup is over before the session moves", async () => {
    const stage = await again("move", 3);
    let tries = 0;
    stage.backend("S2").answer = () => (tries++ < 2 ? "reset" : ok("S2"));
    const answer = await session(stage);
    expect(answer.body).toBe("S2");
    expect(answer.lines("set-cookie")).toEqual([]);
    expect(stage.requestCounts()).toEqual({ S1: 0, S2: 3, S3: 0 });
  });

  test("with a detour the third retry is served elsewhere, and the cookie stays", async () => {
    const stage = await again("detour", 3);
    stage.backend("S2").answer = () => "reset";
    const answer = await session(stage);
    expect(["S1", "S3"]).toContain(answer.body);
    expect(answer.lines("set-cookie")).toEqual([]);
    expect(stage.requestCounts()).toMatchObject({ S2: 3 });
  });

  test("with a refusal there is no third", async () => {
    const stage = await again("refuse", 5);
    stage.backend("S2").answer = () => "reset";
    expectRefusal(await session(stage));
    expect(stage.requestCounts()).toEqual({ S1: 0, S2: 3, S3: 0 });
  });

  test("the policy's on_unavailable counts for a rule that does not say, and not for one that does", async () => {
    const stage = await byId(target, {
      change: (bootstrap) => {
        const limpet = bootstrap.limpet();
        limpet.servers[1].state = "down";
        limpet.on_unavailable = { refuse: { status: 409 } };
        delete limpet.rules[0].on_unavailable;
        limpet.rules.unshift({ route: { header: "x-server" }, on_unavailable: "detour" });
      },
    });
    expect((await session(stage)).startLine).toBe("HTTP/1.1 409 Conflict");
    expect(["S1", "S3"]).toContain((await stage.get("/", "X-Server: S2")).body);
  });
});

scenarios("A refusal in the access log: envoy/observability.yaml", (target) => {
  test("one by the list's word, and one that Envoy found out", async () => {
    const stage = await stageFor(target, {
      example: "observability",
      dead: ["S2"],
      change: (bootstrap) => {
        const limpet = bootstrap.limpet();
        limpet.rules.pop();
        limpet.rules[0].on_unavailable = "refuse";
        limpet.rules[0].pin.cookie.value = "server_id";
        limpet.servers[2].state = "down";
      },
    });
    await stage.get("/down", "Cookie: SERVERID=S3");
    await stage.get("/dead", "Cookie: SERVERID=S2");
    await stage.get("/up", "Cookie: SERVERID=S1");
    const logged = () => (stage.running.log().match(/"GET \/.*/g) ?? []).map((line) => line.trimEnd());
    await until("all are in the log", () => logged().length >= 3);
    // An id that has no date yet gets one: U.
    expect(logged()).toEqual([
      '"GET /down" 503 DN refused pin:SERVERID -',
      '"GET /dead" 503 VN refused pin:SERVERID -',
      '"GET /up" 200 VU stuck pin:SERVERID S1',
    ]);
  });
});
