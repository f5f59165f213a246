import { randomInt } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Random } from "../../fuzz/random.js";
import { World } from "../faults/world.js";
import { containerAddress } from "../machine/addresses.js";
import type { Ask } from "../world/client.js";
import type { Visit } from "../world/crowd.js";
import { Envoy } from "../world/envoy.js";
import { Pool } from "../world/pool.js";
import { Store } from "../world/store.js";
import { inDocker } from "../world/suite.js";
import { SOAK_FAULTS } from "./faults.js";
import { manner, POLICY_NAMES, soakBootstrap, TIMES } from "./policies.js";

const GROUP = 3;
const SERVERS = 5;
const SESSIONS = 40;
const WORKERS = 2;
/** A few of them at a time are visitors whom Limpet has not seen. */
const VISITS_OF_SESSION = 200;
const CALM_MS = 3000;
const LIMIT_MS = 120_000;
const LAST_REQUESTS_MS = 10_000;

const MINUTES = Number(process.env.LIMPET_SOAK_MINUTES ?? 1);
const SEED = Number(process.env.LIMPET_SEED ?? randomInt(2 ** 31));

/** Small enough to be sent again. */
const UPLOAD = { path: "/upload", method: "PUT", body: Buffer.alloc(20_000, "x") };

/** What a site's visitors ask for, and what some do not wait for. */
const ASKS: Ask[] = [
  ...Array.from({ length: 12 }, (_, i) => ({ path: `/page/${i}` })),
  ...Array.from({ length: 4 }, (_, i) => ({ path: `/slow?ms=${50 * (i + 1)}` })),
  { path: "/download?bytes=300000" },
  { path: "/events?count=4&ms=50" },
  { path: "/page", method: "HEAD" },
  { path: "/chat", isWebSocket: true },
  UPLOAD,
  { path: "/slow?ms=400", giveUpAfterMs: 60 },
  { path: "/events?count=20&ms=50", giveUpAfterMs: 120 },
  { path: "/download?bytes=30000000", giveUpAfterMs: 20 },
  { ...UPLOAD, giveUpAfterMs: 60 },
];

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

inDocker(`A soak of ${MINUTES} min`, () => {
  let pool: Pool;
  let store: Store;
  let envoy: Envoy;
  beforeAll(async () => {
    [pool, store] = await Promise.all([Pool.start(GROUP, SERVERS), Store.start(GROUP)]);
    envoy = await Envoy.start(soakBootstrap(pool, store), containerAddress(GROUP, 2), {
      concurrency: WORKERS,
      times: TIMES,
    });
  }, LIMIT_MS);
  afterAll(async () => {
    await envoy?.remove();
    await store?.remove();
    await pool?.stop();
  }, LIMIT_MS);

  const sum = async (counters: RegExp) => [...(await envoy.counters(counters)).values()].reduce((a, b) => a + b, 0);

  test(
    "no session is lost without a cause, memory stays, every request has one outcome",
    async () => {
      console.log(`LIMPET_SEED=${SEED}`);
      const random = new Random(SEED);
      const memory: number[] = [];
      const played = new Map<string, number>();
      const servers = pool.servers.map(({ id }) => id);
      const clients = {
        ...{ size: SESSIONS, asks: ASKS, visitsOfSession: VISITS_OF_SESSION },
        manner: (session: number) => manner(session, servers),
      };
      const world = await World.play({ pool, proxies: [envoy], clients }, async (world) => {
        for (const end = Date.now() + MINUTES * 60_000; Date.now() < end; await delay(CALM_MS)) {
          const fault = random.pick(SOAK_FAULTS);
          await fault.play(world, random.pick(servers), store);
          played.set(fault.name, (played.get(fault.name) ?? 0) + 1);
          memory.push(await envoy.memoryInUse());
        }
      });

      // Nothing can send again what a server has begun to answer: such an answer may break off with its server.
      const { visits, moves } = world.crowd;
      const hasCause = ({ brokenOffBy, from, to }: Visit) =>
        brokenOffBy !== undefined && world.wasAway(brokenOffBy, from, to);
      const failures = visits.filter((visit) => visit.failure !== undefined);
      const unexplained = failures.filter((visit) => !hasCause(visit));
      const needless = moves.filter((move) => world.isNeedless(move));
      const gaveUp = visits.filter((visit) => visit.gaveUp).length;

      const inFlight = /\.total\.in_flight$/;
      for (const end = Date.now() + LAST_REQUESTS_MS; (await sum(inFlight)) > 0 && Date.now() < end; await delay(50));
      const requests = await sum(/^http\.ingress\.downstream_rq_total$/);
      const outcomes = await envoy.counters(/^wasmcustom\.limpet\..*\.outcome\./);
      const counted = [...outcomes.values()].reduce((a, b) => a + b, 0);
      const mebibytes = memory.map((bytes) => Math.round(bytes / 2 ** 20));
      console.log({ minutes: MINUTES, faults: Object.fromEntries(played), ...world.figures, gaveUp });
      console.log({ unexplained: unexplained.length, requests, counted, mebibytes: mebibytes.join(" ") });
      console.log(Object.fromEntries([...outcomes].filter(([, count]) => count > 0)));

      expect(unexplained).toEqual([]);
      expect(needless).toEqual([]);
      expect(counted).toBe(requests);
      // Whoever gives up may do so before Envoy has heard of the request.
      expect(requests).toBeGreaterThanOrEqual(visits.length - gaveUp);
      expect(requests).toBeLessThanOrEqual(visits.length);
      expect([...(await envoy.counters(inFlight)).values()]).toEqual(POLICY_NAMES.map(() => 0));
      // The last quarter against the second: caches and connections are there by then, and buffers come and go.
      const quarter = memory.length / 4;
      expect(median(memory.slice(3 * quarter))).toBeLessThan(1.1 * median(memory.slice(quarter, 2 * quarter)));
    },
    (MINUTES + 2) * 60_000,
  );
});
