/** What happens during the soak, one thing after the other. */
import { setTimeout as delay } from "node:timers/promises";
import { SERVER_FAULTS, strike } from "../faults/faults.js";
import type { World } from "../faults/world.js";
import type { Store } from "../world/store.js";

const STORE_AWAY_MS = 2000;

export interface SoakFault {
  name: string;
  /** @param server whom it strikes, where it strikes a server */
  play(world: World, server: string, store: Store): Promise<void>;
}

export const SOAK_FAULTS: SoakFault[] = [
  ...SERVER_FAULTS.map((fault): SoakFault => ({ name: fault.name, play: (world, id) => strike(world, id, fault) })),
  {
    // Nobody has to move for it.
    name: "drain",
    async play(world, server) {
      for (const isDraining of [true, false]) {
        await Promise.all(world.proxies.map((proxy) => proxy.drain(server, isDraining)));
        await world.seen(server, isDraining ? "draining" : "up");
        await world.crowd.goOn(5);
      }
    },
  },
  {
    // Nor for this: what a worker has learned it knows without.
    name: "store-pause",
    async play(_world, _server, { redis }) {
      await redis.pause();
      await delay(STORE_AWAY_MS);
      await redis.unpause();
    },
  },
];
