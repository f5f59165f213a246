/** A fleet that shares what it has learned, in a real Redis behind webdis. */
import { expect, onTestFinished, test } from "vitest";
import type { Target } from "../targets/target.js";
import { Fleet, type FleetOptions } from "./stage/fleet.js";
import { RedisOverHttp } from "./stage/redis.js";
import { scenarios } from "./stage/scenarios.js";

async function play(target: Target, options?: FleetOptions): Promise<{ fleet: Fleet; redis: RedisOverHttp }> {
  const fleet = await Fleet.start(target, options);
  const redis = await RedisOverHttp.start(fleet.storePort);
  onTestFinished(() => redis.stop());
  return { fleet, redis };
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
  },
  await RedisOverHttp.missing(),
);
