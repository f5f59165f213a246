import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { containerAddress } from "../machine/addresses.js";
import { Pool } from "../world/pool.js";
import type { SessionProxy } from "../world/proxy.js";
import { Store } from "../world/store.js";
import { inDocker } from "../world/suite.js";
import { FAULTS } from "./faults.js";
import { type Row, writeReport } from "./report.js";
import { SYSTEMS } from "./systems.js";
import { World } from "./world.js";

const GROUP = 1;
const SERVERS = 4;
const SESSIONS = 20;
const FLEET = 3;
/** Every fifth takes a while, so that a fault always finds some under way. */
const ASKS = [{ path: "/slow?ms=200&session" }, ...Array.from({ length: 4 }, () => ({ path: "/?session" }))];
const LIMIT_MS = 120_000;

const rows: Row[] = [];

inDocker("Faults while traffic flows", () => {
  describe.each(SYSTEMS)("$name, by $sessions", (system) => {
    const faults = FAULTS.filter(({ sessions }) => sessions === system.sessions);
    let pool: Pool;
    let store: Store;
    let proxies: SessionProxy[] = [];

    beforeAll(async () => {
      [pool, store] = await Promise.all([Pool.start(GROUP, SERVERS), Store.start(GROUP)]);
      const fleet = Array.from({ length: FLEET }, (_, i) => containerAddress(GROUP, 2 + i));
      proxies = await Promise.all(fleet.map((address) => system.start(pool, address, fleet, store)));
    }, LIMIT_MS);

    afterAll(async () => {
      await Promise.all(proxies.map((proxy) => proxy.remove()));
      await store?.remove();
      await pool?.stop();
    }, LIMIT_MS);

    test.each(faults)(
      "$name: $title",
      async (fault) => {
        const cast = { pool, proxies: proxies.slice(0, fault.proxies), clients: { size: SESSIONS, asks: ASKS } };
        const world = await World.play(cast, (world) => fault.play(world));
        const { figures, why } = world;
        rows.push({ fault: fault.name, system: system.name, ...figures, why });
        expect(figures.sent).toBeGreaterThan(SESSIONS * 10);
        // The fault was felt.
        expect(world.impossible).toEqual([]);
        if (fault.strikes === "server") expect(figures.moved).toBeGreaterThan(0);
        else expect(Math.min(...world.proxiesOfSessions)).toBeGreaterThan(1);
        if (system.name !== "limpet") return;
        expect(figures.moved_needlessly, "sessions moved that need not have").toBe(0);
        // A killed proxy takes along what each client has asked it.
        if (fault.mayFail) expect(figures.failed).toBeLessThanOrEqual(SESSIONS * fault.proxies);
        else expect(why).toEqual({});
      },
      LIMIT_MS,
    );
  });

  afterAll(() => {
    const all = SYSTEMS.flatMap((system) => FAULTS.filter(({ sessions }) => sessions === system.sessions));
    if (process.env.UPDATE_DOCS === "1" && rows.length === all.length) writeReport(rows);
  });
});
