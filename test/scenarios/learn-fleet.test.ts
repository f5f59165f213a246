/** A fleet that shares what it has learned, in a real Redis behind webdis. */
import { expect, onTestFinished, test } from "vitest";
import type { Target } from "../targets/target.js";
import { Fleet, type FleetOptions } from "./stage/fleet.js";
import { RedisOverHttp } from "./stage/redis.js";
import { scenarios } from "./stage/scenarios.js";
import { until } from "./stage/stage.js";

/** @param store fields of the rule's `store`; a patient one by default: what is slow here is the machine */
async function play(target: Target, store: Record<string, unknown> = {}, options: FleetOptions = {}) {
  const fleet = await Fleet.start(target, {
    ...options,
    change: (bootstrap, index) => {
      Object.assign(bootstrap.limpet().rules[0].learn.store, { budget: "5s", negative: "100ms" }, store);
      options.change?.(bootstrap, index);
    },
  });
  const redis = await RedisOverHttp.start(fleet.storePort, target.backendHost);
  onTestFinished(() => redis.stop());
  const [first, second, third] = [fleet.engine(0), fleet.engine(1), fleet.engines.at(-1)!];
  return { fleet, redis, first, second, third };
}

scenarios(
  "A fleet shares its learned sessions (Redis)",
  (target) => {
    test("learned by the first, a session sticks on all, and when the first is gone", async () => {
      const { fleet, redis } = await play(target);
      const [first, second, third] = [fleet.engine(0), fleet.engine(1), fleet.engine(2)];
      const sessions = [];
      for (let i = 0; i < 6; i++) sessions.push(await first.login());
      await first.untilMetric("written", (written) => written === 6);
      for (const { server, cookie } of sessions) {
        expect(await second.spread(4, cookie)).toEqual({ [server]: 4 });
      }
      expect(await second.metric("hit")).toBe(6);
      const contents = await redis.contents();
      expect(contents).toHaveLength(6);
      for (const { key, value, ttl } of contents) {
        expect(key).toMatch(/^shop:[\w-]{22}$/);
        expect(value).toMatch(/^[\w-]{80}$/);
        // The timeout, and the tenth of it after which a use is noted.
        expect(ttl).toBeGreaterThan(3900);
        expect(ttl).toBeLessThanOrEqual(3960);
        for (const text of [key.slice(5), value]) {
          expect(Buffer.from(text, "base64url").toString("latin1")).not.toMatch(/secret|S[123]\0/);
        }
      }
      await first.stop();
      for (const { server, cookie } of sessions) {
        expect(await third.spread(4, cookie)).toEqual({ [server]: 4 });
      }
    });

    test("a session that moves has moved for all, and what the application ends has ended for all", async () => {
      const { fleet, redis, first, second, third } = await play(target);
      const { server, cookie } = await first.login();
      await first.untilMetric("written", (written) => written === 1);
      await fleet.backend(server).die();
      const moved = (await second.get("/", cookie)).body;
      expect(moved).not.toBe(server);
      await second.untilMetric("written", (written) => written === 1);
      await fleet.backend(server).open();
      expect(await third.spread(4, cookie)).toEqual({ [moved]: 4 });
      await third.get("/logout", cookie);
      await third.untilMetric("written", (written) => written === 1);
      expect(await redis.contents()).toEqual([]);
    });

    test("it survives a restart of Envoy under traffic", async () => {
      const { first, second } = await play(target, {}, { size: 2 });
      const sessions = [];
      for (let i = 0; i < 6; i++) sessions.push(await first.login());
      await first.untilMetric("written", (written) => written === 6);
      let stop = false;
      let served = 0;
      const traffic = (async () => {
        for (let i = 0; !stop; i++) {
          const { server, cookie } = sessions[i % sessions.length]!;
          // A request that the restart cuts off is no concern of the session's.
          const answer = await first.get("/", cookie).catch(() => undefined);
          if (answer === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
          else if (answer.startLine.includes("200")) expect(answer.body).toBe(server);
          if (answer) served++;
        }
      })();
      const untilServed = (count: number) => until("traffic flows", () => served >= count);
      await untilServed(12);
      await first.stop();
      await first.start();
      await untilServed(served + 12);
      stop = true;
      await traffic;
      expect(await first.metric("hit")).toBeGreaterThanOrEqual(6);
      expect(await second.metric("hit")).toBe(0);
    });

    test("Redis dies and comes back: each Envoy keeps what it knows, and shares again what is in use", async () => {
      const { redis, first, second } = await play(
        target,
        { circuit: { failures: 3, open: "1s" } },
        { size: 2, change: (bootstrap) => Object.assign(bootstrap.limpet().rules[0].learn, { timeout: "20s" }) },
      );
      const old = await first.login();
      await first.untilMetric("written", (written) => written === 1);
      await redis.killRedis();
      const meanwhile = await first.login();
      expect(await first.spread(4, old.cookie)).toEqual({ [old.server]: 4 });
      expect(await first.spread(4, meanwhile.cookie)).toEqual({ [meanwhile.server]: 4 });
      await until("the circuit opens", async () => {
        expect((await second.get("/", meanwhile.cookie)).startLine).toBe("HTTP/1.1 200 OK");
        return (await second.metric("open")) > 0;
      });
      expect(await second.metric("error")).toBeGreaterThan(0);
      await redis.startRedis();
      // In use, they are noted every two seconds, and written to the Redis that has lost them.
      await until("both are stored again", async () => {
        expect((await first.get("/", old.cookie)).body).toBe(old.server);
        expect((await first.get("/", meanwhile.cookie)).body).toBe(meanwhile.server);
        return (await redis.contents()).length === 2;
      });
      await second.untilSticks(old.cookie, old.server);
      await second.untilSticks(meanwhile.cookie, meanwhile.server);
      await until("the circuit is closed on every worker", async () => {
        await second.get("/", `Cookie: JSESSIONID=made-up-${Date.now()}`);
        return (await second.metric("open")) === 0;
      });
    });

    test("Redis stands still: a request waits for its budget, and goes on unpinned", async () => {
      const { redis, first, second } = await play(
        target,
        { budget: "100ms", circuit: { failures: 1000 } },
        { size: 2 },
      );
      const { server, cookie } = await first.login();
      await first.untilMetric("written", (written) => written === 1);
      redis.pauseRedis();
      for (let i = 0; i < 3; i++) expect((await second.get("/", cookie)).startLine).toBe("HTTP/1.1 200 OK");
      expect([await second.metric("timeout"), await second.metric("unpinned")]).toEqual([3, 3]);
      expect(await first.spread(4, cookie)).toEqual({ [server]: 4 });
      redis.continueRedis();
      await second.untilSticks(cookie, server);
    });

    test("Redis is full: what it holds is read, what is new is counted as not written", async () => {
      const { redis, first, second } = await play(target, {}, { size: 2 });
      const stored = await first.login();
      await first.untilMetric("written", (written) => written === 1);
      await redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
      await redis.command("CONFIG", "SET", "maxmemory", "1");
      const refused = [];
      for (let i = 0; i < 8; i++) refused.push(await first.login());
      await first.untilMetric("unwritten", (unwritten) => unwritten === 8);
      expect(await first.metric("open")).toBe(0);
      for (const { server, cookie } of refused) expect(await first.spread(2, cookie)).toEqual({ [server]: 2 });
      expect(await second.spread(4, stored.cookie)).toEqual({ [stored.server]: 4 });
    });
  },
  await RedisOverHttp.missing(),
);
