import { randomInt } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Random } from "../../fuzz/random.js";
import { SERVER_FAULTS, strike } from "../faults/faults.js";
import { World } from "../faults/world.js";
import { containerAddress } from "../machine/addresses.js";
import type { Ask } from "../world/crowd.js";
import { Envoy, limpetBootstrap } from "../world/envoy.js";
import { Pool } from "../world/pool.js";
import { inDocker } from "../world/suite.js";

const GROUP = 3;
const SERVERS = 5;
const SESSIONS = 40;
/** A few of them at a time are visitors whom Limpet has not seen. */
const VISITS_OF_SESSION = 200;
const CALM_MS = 3000;
const LIMIT_MS = 120_000;

const MINUTES = Number(process.env.LIMPET_SOAK_MINUTES ?? 1);
const SEED = Number(process.env.LIMPET_SEED ?? randomInt(2 ** 31));

/** What a site's visitors ask for. An upload is asked for seldom, and is small enough to be sent again. */
const ASKS: Ask[] = [
  ...Array.from({ length: 12 }, (_, i) => ({ path: `/page/${i}` })),
  ...Array.from({ length: 4 }, (_, i) => ({ path: `/slow?ms=${50 * (i + 1)}` })),
  { path: "/download?bytes=300000" },
  { path: "/events?count=4&ms=50" },
  { path: "/page", method: "HEAD" },
  { path: "/upload", method: "PUT", body: Buffer.alloc(20_000, "x") },
];

inDocker(`A soak of ${MINUTES} min`, () => {
  let pool: Pool;
  let envoy: Envoy;
  beforeAll(async () => {
    pool = await Pool.start(GROUP, SERVERS);
    envoy = await Envoy.start(limpetBootstrap(pool), containerAddress(GROUP, 2));
  }, LIMIT_MS);
  afterAll(async () => {
    await envoy?.remove();
    await pool?.stop();
  }, LIMIT_MS);

  test(
    "no session is lost without a cause, memory stays, every request has one outcome",
    async () => {
      console.log(`LIMPET_SEED=${SEED}`);
      const random = new Random(SEED);
      const memory: number[] = [];
      const played: string[] = [];
      const clients = { size: SESSIONS, asks: ASKS, visitsOfSession: VISITS_OF_SESSION };
      const world = await World.play({ pool, proxies: [envoy], clients }, async (world) => {
        for (const end = Date.now() + MINUTES * 60_000; Date.now() < end; await delay(CALM_MS)) {
          const fault = random.pick(SERVER_FAULTS);
          const { id } = random.pick(pool.servers);
          played.push(`${fault.name} ${id}`);
          await strike(world, id, fault);
          memory.push(await envoy.container.memory());
        }
      });

      const { figures, why } = world;
      const outcomes = await envoy.counters(/^wasmcustom\.limpet\..*\.outcome\./);
      const counted = [...outcomes.values()].reduce((sum, count) => sum + count, 0);
      const mebibytes = memory.map((bytes) => Math.round(bytes / 2 ** 20));
      console.log({ minutes: MINUTES, faults: played.length, ...figures, counted, mebibytes: mebibytes.join(" ") });
      console.log(Object.fromEntries([...outcomes].filter(([, count]) => count > 0)));
      expect(why).toEqual({});
      expect(figures.moved_needlessly).toBe(0);
      expect(counted).toBe(figures.sent);
      // The second half against the second quarter: caches and connections are there by then.
      const quarter = Math.ceil(memory.length / 4);
      const before = Math.max(...memory.slice(quarter, 2 * quarter));
      expect(Math.max(...memory.slice(2 * quarter))).toBeLessThan(before * 1.1);
    },
    (MINUTES + 2) * 60_000,
  );
});
