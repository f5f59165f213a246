import { expect, test } from "vitest";
import type { Target } from "../targets/target.js";
import type { Plain } from "./stage/bootstrap.js";
import { Crowd } from "./stage/crowd.js";
import { addEndpoint, changeTo, discovering, tell } from "./stage/discovery.js";
import { pinCookie } from "./stage/examples.js";
import { idle, movedWhenIdle } from "./stage/idle.js";
import { metrics } from "./stage/metrics.js";
import { scenarios } from "./stage/scenarios.js";
import { type Stage, until } from "./stage/stage.js";

/** The discovery example with a sealed cookie and nothing else, and what its policy says besides. */
const sealedWith = (target: Target, more: Plain) =>
  discovering(target, (bootstrap) => {
    const limpet = Object.assign(bootstrap.limpet(), more);
    limpet.rules.splice(1);
    Object.assign(pinCookie(bootstrap), { value: "sealed", max_idle: "30m", refresh_after: "1s" });
  });

const health = (stage: Stage, status: "HEALTHY" | "DRAINING") => () =>
  changeTo(stage, (bootstrap) => {
    bootstrap.endpoint("S3").health_status = status;
  });

scenarios("Endpoint discovery says that a server drains", (target) => {
  test("before the deadline nobody leaves", async () => {
    const stage = await sealedWith(target, { drain: { deadline: "1h" } });
    const crowd = await Crowd.of(stage, 15);
    expect(crowd.at("S3")).not.toEqual([]);
    const cost = await crowd.during(health(stage, "DRAINING"));
    tell("drains, before the deadline", cost);
    expect(cost).toMatchObject({ lost: 0, moved: 0 });
    expect((await Crowd.of(stage, 9)).at("S3")).toEqual([]);
    expect((await metrics(stage)).drained).toBe(0);
  });

  test("from the deadline on its sessions leave under traffic, each once; when it is back nobody moves", async () => {
    const stage = await sealedWith(target, { drain: { deadline: "1s", spread: "2s" } });
    const crowd = await Crowd.of(stage, 15);
    const theirs = crowd.at("S3").length;
    expect(theirs).toBeGreaterThan(0);
    const leave = async () => {
      await health(stage, "DRAINING")();
      await until("all have left", () => crowd.at("S3").length === 0);
    };
    const cost = await crowd.during(leave, (server) => server === "S3");
    tell("drains, from the deadline on", cost);
    expect(cost).toMatchObject({ lost: 0, moved: theirs, needless: 0 });
    await until("all are counted", async () => (await metrics(stage)).drained === theirs);
    expect(await crowd.during(health(stage, "HEALTHY"))).toMatchObject({ lost: 0, moved: 0 });
    expect((await Crowd.of(stage, 12)).at("S3")).not.toEqual([]);
  });
});

scenarios("Endpoint discovery adds a server", (target) => {
  test("idle sessions fill it up to its share, and then all is quiet", async () => {
    const rebalance = { sessions_per_minute: 60000, idle: "1s", bound: 1.1 };
    const stage = await sealedWith(target, { rebalance });
    const crowd = await Crowd.of(stage, 18);
    const before = [...crowd.homes];
    await changeTo(stage, (bootstrap) => addEndpoint(bootstrap, "S4", 8004));
    let moved = 0;
    // 1.1 times a quarter of eighteen, rounded up.
    await until("no server has more than five", async () => {
      moved += await movedWhenIdle(crowd, 1);
      return ["S1", "S2", "S3", "S4"].every((server) => crowd.at(server).length <= 5);
    });
    const there = crowd.homes.filter((home, i) => home !== before[i]);
    tell("a server is added, rebalanced", { moved, there: there.length });
    expect(new Set(there)).toEqual(new Set(["S4"]));
    expect(moved).toBe(there.length);
    expect((await metrics(stage)).rebalanced).toBe(moved);
    await idle();
    expect(await crowd.round()).toMatchObject({ lost: 0, moved: 0 });
  });

  test("no more of them move than the budget allows", async () => {
    const stage = await sealedWith(target, { rebalance: { sessions_per_minute: 1, idle: "1s", bound: 1.1 } });
    const crowd = await Crowd.of(stage, 18);
    await changeTo(stage, (bootstrap) => addEndpoint(bootstrap, "S4", 8004));
    expect(await movedWhenIdle(crowd, 2)).toBe(1);
    expect(crowd.at("S4").length).toBe(1);
  });
});
