import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { formatKeys, newKey } from "../../host-sim/tokens/keys.js";
import { sealToken } from "../../host-sim/tokens/sealed-token.js";
import { ok } from "./stage/backend.js";
import type { Bootstrap } from "./stage/bootstrap.js";
import { Crowd } from "./stage/crowd.js";
import { pinCookie } from "./stage/examples.js";
import { metrics, sessions } from "./stage/metrics.js";
import { scenarios, stageFor } from "./stage/scenarios.js";
import { type Stage, until } from "./stage/stage.js";

const PLACE = { parts: ["cookie", "SERVERID", "default", "pin:SERVERID"], cluster: "app" };
const KEY = newKey("k1");

/** The example, with sealed tokens, whose beginnings tell sessions apart. */
const sealed = (drain: object) => (bootstrap: Bootstrap) => {
  bootstrap.limpet().keys = formatKeys([KEY]);
  bootstrap.limpet().drain = drain;
  pinCookie(bootstrap).value = "sealed";
};

/** Visitors of whom each has had a session on S3 for some time. */
async function onThird(stage: Stage, count: number): Promise<Crowd> {
  const crowd = await Crowd.of(stage, count);
  const now = Math.floor(Date.now() / 1000);
  crowd.visitors.forEach((visitor, i) => {
    const claims = { server: "S3", isEndpoint: false, incarnation: 0, since: now - 60 * i, lastUse: now };
    visitor.cookies.set("SERVERID", sealToken(claims, [KEY], PLACE));
    crowd.homes[i] = "S3";
  });
  return crowd;
}

scenarios("A draining server: envoy/drain.yaml", (target) => {
  test("keeps its sessions, gets no new ones, and before the deadline nobody leaves", async () => {
    const stage = await stageFor(target, { example: "drain", change: sealed({ deadline: "1h" }), concurrency: 2 });
    const crowd = await onThird(stage, 10);
    for (let round = 0; round < 5; round++) {
      expect(await crowd.round()).toEqual({ requests: 10, lost: 0, moved: 0, needless: 0, cookies: 0 });
    }
    const newcomers = await Crowd.of(stage, 12);
    expect(newcomers.at("S3")).toEqual([]);
    expect((await metrics(stage)).drained).toBe(0);
  });

  test("the gauge says when it is empty, and then its end disturbs nobody", async () => {
    const stage = await stageFor(target, {
      example: "drain",
      concurrency: 2,
      change: (bootstrap) => {
        // A second is enough: what is written when a session is used counts for so long.
        bootstrap.limpet().gauges = { idle: "1s" };
        Object.assign(pinCookie(bootstrap), { max_idle: "30m", refresh_after: "1s" });
      },
    });
    const others = await Crowd.of(stage, 10);
    const leaving = Array.from({ length: 5 }, () => stage.visitor());
    for (const visitor of leaving) {
      visitor.cookies.set("SERVERID", "S3");
      expect((await visitor.get()).body).toBe("S3");
    }
    expect((await sessions(stage))[2]).toBe(5);
    await until("the last of its sessions is idle", async () => (await sessions(stage))[2] === 0);
    const cost = await others.during(() => stage.backend("S3").die());
    expect(cost).toMatchObject({ lost: 0, moved: 0, needless: 0 });
  });

  test("it gets SIGTERM while it has sessions: what it has begun it ends, and nobody is lost", async () => {
    const stage = await stageFor(target, { example: "drain", change: sealed({ deadline: "1h" }), concurrency: 2 });
    const crowd = await onThird(stage, 8);
    expect(await crowd.round()).toMatchObject({ lost: 0, moved: 0 });
    const third = stage.backend("S3");
    let answer = (_: string) => {};
    third.answer = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const asked = third.requests.length;
    const held = crowd.visitors[0]!.get();
    await until("a request is under way", () => third.requests.length > asked);
    const ended = third.terminate();
    answer(ok("S3"));
    expect((await held).body).toBe("S3");
    await ended;
    const cost = await crowd.round((server) => server === "S3");
    expect(cost).toEqual({ requests: 8, lost: 0, moved: 8, needless: 0, cookies: 8 });
    expect(await crowd.round()).toEqual({ requests: 8, lost: 0, moved: 0, needless: 0, cookies: 0 });
  });

  test("from the deadline on its sessions leave, one after the other, each once", async () => {
    const stage = await stageFor(target, {
      example: "drain",
      change: sealed({ deadline: "2s", spread: "8s" }),
      concurrency: 2,
    });
    const crowd = await onThird(stage, 16);
    const rounds: number[] = [];
    let cookies = 0;
    await until("all have left", async () => {
      const cost = await crowd.round((server) => server === "S3");
      expect(cost).toMatchObject({ lost: 0, needless: 0 });
      expect(cost.cookies).toBe(cost.moved);
      cookies += cost.cookies;
      if (cost.moved > 0) rounds.push(cost.moved);
      return crowd.at("S3").length === 0;
    });
    expect(cookies).toBe(16);
    // Each at a moment of its own, of which there are nine.
    expect(rounds.length).toBeGreaterThan(1);
    expect((await metrics(stage)).drained).toBe(16);
    expect((await metrics(stage))["rule.pin_SERVERID.outcome.moved"]).toBe(16);
    for (let round = 0; round < 3; round++) {
      expect(await crowd.round()).toEqual({ requests: 16, lost: 0, moved: 0, needless: 0, cookies: 0 });
    }
    expect((await sessions(stage))[2]).toBe(0);
  });

  test("a configuration begins a drain while traffic flows, and a later one does not begin it anew", async () => {
    const stage = await stageFor(target, {
      example: "drain",
      inFile: "listeners",
      change: (bootstrap) => {
        sealed({ deadline: "0s", spread: "0s" })(bootstrap);
        delete bootstrap.limpet().servers[2].state;
      },
    });
    const crowd = await onThird(stage, 8);
    expect((await crowd.round()).moved).toBe(0);
    const begun = await crowd.during(
      async () => {
        await stage.change((bootstrap) => {
          bootstrap.limpet().servers[2].state = "drain";
        }, "listeners");
        await until("all have left", () => crowd.at("S3").length === 0);
      },
      (server) => server === "S3",
    );
    expect(begun).toMatchObject({ lost: 0, moved: 8, needless: 0, cookies: 8 });
    const later = await crowd.during(async () => {
      await stage.change((bootstrap) => {
        pinCookie(bootstrap).path = "/later";
      }, "listeners");
      await until("the update is in force", async () =>
        (await stage.get("/")).lines("set-cookie").join().includes("path=/later;"),
      );
      await delay(100);
    });
    expect(later).toMatchObject({ lost: 0, moved: 0, needless: 0, cookies: 0 });
  });
});
