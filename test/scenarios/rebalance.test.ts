import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Bootstrap } from "./stage/bootstrap.js";
import { Crowd } from "./stage/crowd.js";
import { pinCookie, SERVERS } from "./stage/examples.js";
import { idle, movedWhenIdle } from "./stage/idle.js";
import { metrics, sessions } from "./stage/metrics.js";
import { scenarios, stageFor } from "./stage/scenarios.js";
import { until } from "./stage/stage.js";

/** A token is written again after a second, and a session is idle after another. */
const quick = (rebalance: object) => (bootstrap: Bootstrap) => {
  pinCookie(bootstrap).refresh_after = "1s";
  bootstrap.limpet().rebalance = { idle: "1s", ...rebalance };
};

scenarios("A server is added: envoy/rebalance.yaml", (target) => {
  test("idle sessions fill it up to its share, one in use stays, and then all is quiet", async () => {
    const stage = await stageFor(target, {
      example: "rebalance",
      change: quick({ sessions_per_minute: 60000, bound: 1.2 }),
      dead: ["S3"],
      concurrency: 2,
    });
    const crowd = await Crowd.of(stage, 18);
    expect(crowd.at("S3")).toEqual([]);
    const before = crowd.homes.slice();
    await stage.backend("S3").open();

    const busy = stage.visitor();
    const home = (await busy.get()).content;
    const busyHomes = new Set([home]);
    let isOver = false;
    const inUse = (async () => {
      while (!isOver) {
        busyHomes.add((await busy.get()).content);
        await delay(100);
      }
    })();
    let moved = 0;
    // 1.2 times a third of nineteen, rounded up.
    await until("no server has more than eight", async () => {
      moved += await movedWhenIdle(crowd, 1);
      return SERVERS.every((server) => crowd.at(server).length <= 8);
    });
    expect(moved).toBe(crowd.homes.filter((server, i) => server !== before[i]).length);
    expect(crowd.at("S3").length).toBeGreaterThan(0);
    expect((await metrics(stage)).rebalanced).toBe(moved);
    await idle();
    expect(await crowd.round()).toMatchObject({ lost: 0, moved: 0, needless: 0 });
    isOver = true;
    await inUse;
    expect([...busyHomes]).toEqual([home]);
  });

  test("no more of them move than its budget allows", async () => {
    const stage = await stageFor(target, {
      example: "rebalance",
      change: quick({ sessions_per_minute: 1 }),
      dead: ["S3"],
      concurrency: 2,
    });
    const crowd = await Crowd.of(stage, 12);
    await stage.backend("S3").open();
    expect(await movedWhenIdle(crowd, 2)).toBe(1);
    expect((await metrics(stage)).rebalanced).toBe(1);
    expect((await sessions(stage))[2]).toBe(1);
  });
});
