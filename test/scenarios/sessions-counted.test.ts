import { expect, test } from "vitest";
import { formatKeys, newKey } from "../../host-sim/tokens/keys.js";
import { sealToken } from "../../host-sim/tokens/sealed-token.js";
import { type Answer, ok } from "./stage/backend.js";
import type { Bootstrap } from "./stage/bootstrap.js";
import { Crowd } from "./stage/crowd.js";
import { pinCookie, SERVERS } from "./stage/examples.js";
import { metrics, sessions } from "./stage/metrics.js";
import { scenarios, stageFor } from "./stage/scenarios.js";
import { until } from "./stage/stage.js";

const PLACE = { parts: ["cookie", "SERVERID", "default", "pin:SERVERID"], cluster: "app" };

/** Changes the example rebalance: sessions are counted, and none is moved. */
const counted =
  (gauges: object = {}, cookie: object = {}) =>
  (bootstrap: Bootstrap) => {
    const limpet = bootstrap.limpet();
    delete limpet.rebalance;
    limpet.gauges = gauges;
    Object.assign(pinCookie(bootstrap), cookie);
  };

const homesOf = (crowd: Crowd) => SERVERS.map((server) => crowd.at(server).length);

scenarios("The gauge of a server's live sessions", (target) => {
  test("two workers count each session once, however often it comes", async () => {
    const stage = await stageFor(target, { example: "rebalance", change: counted(), concurrency: 2 });
    const crowd = await Crowd.of(stage, 20);
    for (let round = 0; round < 5; round++) {
      expect(await crowd.round()).toEqual({ requests: 20, lost: 0, moved: 0, needless: 0, cookies: 0 });
    }
    expect(await sessions(stage)).toEqual(homesOf(crowd));
  });

  test("it goes down to nothing when the sessions are idle", async () => {
    const stage = await stageFor(target, { example: "rebalance", change: counted({ idle: "1s" }, { max_idle: "2s" }) });
    await until("some are counted", async () => {
      await stage.get("/");
      return (await sessions(stage)).some((count) => count > 0);
    });
    await until("all are idle", async () => (await sessions(stage)).every((count) => count === 0));
  });

  test("a session in use counts for as long as it is, while others go", async () => {
    const cookie = { max_idle: "2s", refresh_after: "0s" };
    const stage = await stageFor(target, { example: "rebalance", change: counted({}, cookie), concurrency: 2 });
    const crowd = await Crowd.of(stage, 6);
    const busy = crowd.visitors[0]!;
    const home = SERVERS.indexOf(crowd.homes[0]!);
    let least = 1;
    await until("the others are idle", async () => {
      await busy.get();
      const counts = await sessions(stage);
      least = Math.min(least, counts[home]!);
      return counts.every((count, server) => server === home || count === 0);
    });
    expect(least).toBe(1);
    await until("it is idle too", async () => (await sessions(stage)).every((count) => count === 0));
  });

  test("it follows the sessions of a server that dies", async () => {
    const stage = await stageFor(target, { example: "rebalance", change: counted(), concurrency: 2 });
    const crowd = await Crowd.of(stage, 15);
    const [onFirst = 0] = await sessions(stage);
    await stage.backend("S1").die();
    const cost = await crowd.round((server) => server === "S1");
    expect(cost).toEqual({ requests: 15, lost: 0, moved: onFirst, needless: 0, cookies: onFirst });
    expect(await sessions(stage)).toEqual(homesOf(crowd));
    expect((await sessions(stage))[0]).toBe(0);
  });

  test("requests that a browser sends at once with a token that is due are one session", async () => {
    const key = newKey("k1");
    const stage = await stageFor(target, {
      example: "rebalance",
      concurrency: 2,
      change: (bootstrap) => {
        counted()(bootstrap);
        bootstrap.limpet().keys = formatKeys([key]);
      },
    });
    const then = Math.floor(Date.now() / 1000) - 600;
    const claims = { server: "S2", isEndpoint: false, incarnation: 0, since: then, lastUse: then };
    const cookie = `Cookie: SERVERID=${sealToken(claims, [key], PLACE)}`;
    const answers = await Promise.all(Array.from({ length: 8 }, () => stage.get("/", cookie)));
    for (const answer of answers) {
      expect(answer.body).toBe("S2");
      expect(answer.lines("set-cookie")).toHaveLength(1);
    }
    expect(await sessions(stage)).toEqual([0, 1, 0]);
  });

  test("a new configuration goes on from the old one's count", async () => {
    const stage = await stageFor(target, { example: "rebalance", change: counted(), inFile: "listeners" });
    const crowd = await Crowd.of(stage, 12);
    await stage.change((bootstrap) => {
      pinCookie(bootstrap).path = "/new";
    }, "listeners");
    let newcomers = 0;
    await until("the update is in force", async () => {
      newcomers++;
      return (await stage.get("/")).lines("set-cookie").join().includes("path=/new;");
    });
    expect(await crowd.round()).toEqual({ requests: 12, lost: 0, moved: 0, needless: 0, cookies: 0 });
    const counts = await sessions(stage);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(12 + newcomers);
  });

  test("learned sessions count from their creation to their end", async () => {
    const stage = await stageFor(target, {
      example: "nginx-sticky-learn",
      concurrency: 2,
      change: (bootstrap) => {
        bootstrap.limpet().gauges = {};
      },
    });
    const created = [0, 0, 0];
    for (const backend of stage.backends.values()) {
      backend.answer = ({ path }) =>
        path === "/end"
          ? ok(backend.name, "Set-Cookie: JSESSIONID=; Max-Age=0")
          : ok(backend.name, `Set-Cookie: ${path?.slice(1)}`);
    }
    for (let i = 0; i < 10; i++) {
      const server = SERVERS.indexOf((await stage.get(`/JSESSIONID=id${i}`)).body);
      created[server]!++;
    }
    expect(await sessions(stage)).toEqual(created);
    for (let i = 0; i < 10; i++) await stage.get("/end", `Cookie: JSESSIONID=id${i}`);
    expect(await sessions(stage)).toEqual([0, 0, 0]);
  });
});

scenarios("The gauge of a server's requests in flight", (target) => {
  test("tells them while they are, for a pinned rule too", async () => {
    const stage = await stageFor(target, {
      example: "rebalance",
      change: counted({ in_flight: true }),
      concurrency: 2,
    });
    const crowd = await Crowd.of(stage, 6);
    const open: (() => void)[] = [];
    stage.answerWith(() => new Promise<Answer>((resolve) => open.push(() => resolve(ok("later")))));
    const round = Promise.all(crowd.visitors.map((visitor) => visitor.get()));
    await until("all are in flight", () => open.length === 6);
    const held = await metrics(stage);
    expect(SERVERS.map((server) => held[`server.${server}.in_flight`])).toEqual(homesOf(crowd));
    expect(held["total.in_flight"]).toBe(6);
    for (const answer of open) answer();
    await round;
    await until("none is", async () => (await metrics(stage))["total.in_flight"] === 0);
    const after = await metrics(stage);
    expect(SERVERS.map((server) => after[`server.${server}.in_flight`])).toEqual([0, 0, 0]);
  });
});
