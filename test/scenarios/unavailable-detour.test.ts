import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Target } from "../targets/target.js";
import { ok, response } from "./stage/backend.js";
import type { Bootstrap } from "./stage/bootstrap.js";
import { counters } from "./stage/counters.js";
import { Crowd } from "./stage/crowd.js";
import { pinCookie, SERVERS } from "./stage/examples.js";
import { scenarios, stageFor } from "./stage/scenarios.js";
import { type Stage, until } from "./stage/stage.js";

const VISITORS = 24;

/** One worker, so that what it knows of a server all requests know. */
const stageWith = (target: Target, hold = "1s", change: (bootstrap: Bootstrap) => void = () => {}) =>
  stageFor(target, {
    example: "failover-detour",
    concurrency: 1,
    change: (bootstrap) => {
      bootstrap.limpet().rules[0].on_unavailable = { detour: { hold, max_hold: hold } };
      change(bootstrap);
    },
  });

/** The cookie is an id, which a scenario can make for itself. */
const byId = (bootstrap: Bootstrap) => {
  pinCookie(bootstrap).value = "server_id";
};

const retryPolicy = (bootstrap: Bootstrap) => bootstrap.virtualHost().routes[0].route.retry_policy;

/** Retries on whatever the server did. */
const retryAll = (bootstrap: Bootstrap) => {
  retryPolicy(bootstrap).retry_on = "5xx";
};

/** A crowd of which every server has its part. */
async function crowdOn(stage: Stage): Promise<Crowd> {
  const crowd = await Crowd.of(stage, VISITORS);
  for (const server of SERVERS) expect(crowd.at(server).length).toBeGreaterThan(0);
  return crowd;
}

/** How many sessions are not at home, though their server was never away. */
const strayed = (crowd: Crowd, homes: readonly string[], away: string[]) =>
  crowd.homes.filter((home, i) => home !== homes[i] && !away.includes(homes[i]!)).length;

/** The change under traffic: what it cost. A session that comes home has not moved needlessly. */
async function costOf(crowd: Crowd, away: string[], change: () => Promise<void>) {
  const homes = [...crowd.homes];
  const { lost, cookies } = await crowd.during(change, () => true);
  return { lost, cookies, strayed: strayed(crowd, homes, away) };
}

/** Rounds go on until everybody is at home again. @returns what they cost in all */
async function allReturn(crowd: Crowd, homes: readonly string[], away: string[]) {
  const all = { lost: 0, cookies: 0, strayed: 0 };
  await until("all sessions are back", async () => {
    const { lost, cookies } = await crowd.round(() => true);
    all.lost += lost;
    all.cookies += cookies;
    all.strayed += strayed(crowd, homes, away);
    return crowd.homes.every((home, i) => home === homes[i]);
  });
  return all;
}

const NO_COST = { lost: 0, cookies: 0, strayed: 0 };
const nothing = async () => {};

scenarios("A session makes a detour while its server is away", (target) => {
  test("kill -9 under traffic: nothing is lost, only its sessions move, no cookie is written, and all come back", async () => {
    const stage = await stageWith(target);
    const crowd = await crowdOn(stage);
    const homes = [...crowd.homes];
    expect(await costOf(crowd, ["S2"], () => stage.backend("S2").die())).toEqual(NO_COST);
    expect(crowd.at("S2")).toEqual([]);
    await stage.backend("S2").open();
    expect(await allReturn(crowd, homes, ["S2"])).toEqual(NO_COST);
  });

  test("a restart under traffic costs nothing but the detour", async () => {
    const stage = await stageWith(target);
    const crowd = await crowdOn(stage);
    const homes = [...crowd.homes];
    const restart = async () => {
      await stage.backend("S2").die();
      await delay(300);
      await stage.backend("S2").open();
    };
    expect(await costOf(crowd, ["S2"], restart)).toEqual(NO_COST);
    expect(await allReturn(crowd, homes, ["S2"])).toEqual(NO_COST);
  });

  test("who stands in is always the same server, and the dead one is asked once in a hold", async () => {
    const stage = await stageWith(target, "1h", byId);
    stage.backend("S2").answer = () => "reset";
    const seen = new Set<string>();
    for (let i = 0; i < 10; i++) {
      const answer = await stage.get("/", "Cookie: SERVERID=S2");
      // A reset in the middle of a request is not retried.
      if (i > 0) seen.add(answer.body);
      else expect(answer.status).toBe(503);
      expect(answer.lines("set-cookie")).toEqual([]);
    }
    expect(seen.size).toBe(1);
    expect(stage.requestCounts()).toMatchObject({ S2: 1 });
  });

  test("a pause: it accepts and never answers; one request waits for the try's end, the others do not", async () => {
    const stage = await stageWith(target, "2s", (bootstrap) => {
      retryAll(bootstrap);
      retryPolicy(bootstrap).per_try_timeout = "0.3s";
    });
    const crowd = await crowdOn(stage);
    const homes = [...crowd.homes];
    const asked = stage.backend("S2").requests.length;
    stage.backend("S2").answer = () => "hang";
    expect(await costOf(crowd, ["S2"], nothing)).toEqual(NO_COST);
    const waited = stage.backend("S2").requests.length - asked;
    expect(waited).toBeGreaterThan(0);
    expect(waited).toBeLessThan(homes.filter((home) => home === "S2").length);
    stage.backend("S2").answer = () => ok("S2");
    expect(await allReturn(crowd, homes, ["S2"])).toEqual(NO_COST);
  });

  test("slow is not away: nobody moves", async () => {
    const stage = await stageWith(target);
    const crowd = await crowdOn(stage);
    const cost = await crowd.during(async () => {
      stage.backend("S2").answer = async () => {
        await delay(60);
        return ok("S2");
      };
      await delay(300);
    });
    expect(cost).toMatchObject({ lost: 0, moved: 0, needless: 0, cookies: 0 });
  });

  test("a burst of 503 with retries on 5xx: its sessions stand elsewhere until it is over", async () => {
    const stage = await stageWith(target, "1s", retryAll);
    const crowd = await crowdOn(stage);
    const homes = [...crowd.homes];
    stage.backend("S2").answer = () => response("503 Service Unavailable", "busy");
    expect(await costOf(crowd, ["S2"], nothing)).toEqual(NO_COST);
    expect(crowd.at("S2")).toEqual([]);
    stage.backend("S2").answer = () => ok("S2");
    expect(await allReturn(crowd, homes, ["S2"])).toEqual(NO_COST);
  });

  test("a server that flaps: a session leaves and comes back no more than once in a hold", async () => {
    const stage = await stageWith(target, "2s", byId);
    const visitor = stage.visitor();
    visitor.cookies.set("SERVERID", "S2");
    expect((await visitor.get()).body).toBe("S2");
    let flapping = true;
    const begun = Date.now();
    const flaps = (async () => {
      for (let i = 0; i < 8; i++) {
        await stage.backend("S2").die();
        await delay(250);
        await stage.backend("S2").open();
        await delay(250);
      }
      flapping = false;
    })();
    let home = "S2";
    let left = 0;
    while (flapping) {
      const answer = await visitor.get();
      expect(answer.lines("set-cookie")).toEqual([]);
      // The moment of a death can cost the request that is under way then.
      if (answer.status !== 200 || answer.body === home) continue;
      if (home === "S2") left++;
      home = answer.body;
    }
    await flaps;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(1 + Math.floor((Date.now() - begun) / 2000));
  });

  test("its health checks flap: nothing is lost, no cookie is written, a session leaves once in a hold, and all come back", async () => {
    const stage = await stageFor(target, {
      example: "failover-detour",
      concurrency: 1,
      change: (bootstrap) => {
        bootstrap.limpet().rules[0].on_unavailable = { detour: { hold: "2s", max_hold: "2s" } };
        bootstrap.cluster().health_checks = [
          {
            ...{ timeout: "2s", interval: "0.1s", no_traffic_interval: "0.1s" },
            ...{ unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: { path: "/health" } },
          },
        ];
      },
    });
    const isDown = async (server: string) => (await stage.health(server)).failed_active_health_check === true;
    for (const server of SERVERS) await until(`${server} passed its first check`, async () => !(await isDown(server)));
    const crowd = await crowdOn(stage);
    const homes = [...crowd.homes];
    let left = 0;
    const mayMove = (server: string) => {
      if (server === "S2") left++;
      return true;
    };
    let passes = true;
    stage.backend("S2").answer = ({ path }) =>
      path === "/health" && !passes ? response("503 Service Unavailable", "") : ok("S2");
    const begun = Date.now();
    const flap = async () => {
      for (let i = 0; i < 8; i++) {
        passes = i % 2 === 1;
        await until(`S2 turned`, async () => (await isDown("S2")) !== passes);
      }
    };
    const cost = await crowd.during(flap, mayMove);
    expect(cost).toMatchObject({ lost: 0, cookies: 0 });
    expect(strayed(crowd, homes, ["S2"])).toBe(0);
    expect(left).toBeGreaterThan(0);
    const holds = 1 + Math.floor((Date.now() - begun) / 2000);
    expect(left).toBeLessThanOrEqual(holds * homes.filter((home) => home === "S2").length);
    expect(await allReturn(crowd, homes, ["S2"])).toEqual(NO_COST);
  });

  test("all die and come back: 503 meanwhile, then every session is where it was", async () => {
    const stage = await stageWith(target);
    const crowd = await crowdOn(stage);
    const homes = [...crowd.homes];
    for (const server of SERVERS) await stage.backend(server).die();
    const cost = await crowd.round();
    expect(cost).toMatchObject({ lost: VISITORS, moved: 0, cookies: 0 });
    for (const server of SERVERS) await stage.backend(server).open();
    expect(await allReturn(crowd, homes, SERVERS)).toEqual(NO_COST);
  });

  test("two die at once: the third serves their sessions, which come back to each", async () => {
    const stage = await stageWith(target);
    const crowd = await crowdOn(stage);
    const homes = [...crowd.homes];
    await Promise.all(["S2", "S3"].map((server) => stage.backend(server).die()));
    expect(await costOf(crowd, ["S2", "S3"], nothing)).toEqual(NO_COST);
    expect(crowd.at("S1").length).toBe(VISITORS);
    await Promise.all(["S2", "S3"].map((server) => stage.backend(server).open()));
    expect(await allReturn(crowd, homes, ["S2", "S3"])).toEqual(NO_COST);
  });

  test("each is counted: stuck, detoured by the retry, detoured at once", async () => {
    const stage = await stageWith(target, "1h", byId);
    await stage.get("/", "Cookie: SERVERID=S2");
    await stage.backend("S2").die();
    for (let i = 0; i < 3; i++) await stage.get("/", "Cookie: SERVERID=S2");
    await until("all are counted", async () => (await counters(stage))["pin_SERVERID.outcome.detoured"] === 3);
    expect(await counters(stage)).toEqual({ "pin_SERVERID.outcome.stuck": 1, "pin_SERVERID.outcome.detoured": 3 });
  });

  test("a server that the list calls down: detour from the first request on", async () => {
    const stage = await stageFor(target, {
      example: "failover-detour",
      change: (bootstrap) => {
        byId(bootstrap);
        bootstrap.limpet().servers[1].state = "down";
      },
    });
    const seen = new Set<string>();
    for (let i = 0; i < 6; i++) {
      const answer = await stage.get("/", "Cookie: SERVERID=S2");
      expect(answer.lines("set-cookie")).toEqual([]);
      seen.add(answer.body);
    }
    expect(seen.size).toBe(1);
    expect(stage.requestCounts()).toMatchObject({ S2: 0 });
  });
});
