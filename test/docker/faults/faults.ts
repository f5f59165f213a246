/** What happens to servers and proxies while clients go on. */
import { setTimeout as delay } from "node:timers/promises";
import type { Container } from "../machine/container.js";
import type { Sessions } from "./systems.js";
import type { World } from "./world.js";

export interface Fault {
  name: string;
  /** In words, for people. */
  title: string;
  sessions: Sessions;
  /** How many proxies stand in front of the pool. */
  proxies: number;
  /** Requests may fail: those that a killed proxy had under way. */
  mayFail?: true;
  play(world: World): Promise<void>;
}

const AWAY_MS = 2500;
const STOP_SECONDS = 5;

/** What may happen to one server. */
export interface ServerFault {
  name: string;
  title: string;
  play(container: Container): Promise<unknown>;
}

export const SERVER_FAULTS: ServerFault[] = [
  {
    name: "pause",
    title: "a server freezes, and goes on",
    async play(container) {
      await container.pause();
      await delay(AWAY_MS);
      await container.unpause();
    },
  },
  {
    name: "kill",
    title: "a server is killed (SIGKILL), and started again",
    async play(container) {
      await container.kill("SIGKILL");
      await container.ended();
      await delay(AWAY_MS);
      await container.startAgain();
    },
  },
  {
    name: "terminate",
    title: "a server ends in order (SIGTERM), and is started again",
    async play(container) {
      await container.kill("SIGTERM");
      await container.ended();
      await delay(AWAY_MS);
      await container.startAgain();
    },
  },
  {
    name: "restart",
    title: "a server is restarted at once",
    async play(container) {
      await container.stop(STOP_SECONDS);
      await container.startAgain();
    },
  },
  {
    name: "disconnect",
    title: "a server loses its network, and has it again",
    async play(container) {
      await container.disconnect();
      await delay(AWAY_MS);
      await container.connect();
    },
  },
];

/** Whose fault it is, where one server has one. */
const VICTIM = "S2";

export const FAULTS: Fault[] = [
  ...SERVER_FAULTS.map(
    ({ name, title, play }): Fault => ({
      ...{ name, title, sessions: "cookie", proxies: 1 },
      play: (world) => world.away(VICTIM, () => play(world.pool.get(VICTIM).container)),
    }),
  ),
  {
    name: "rolling-update",
    title: "all servers are updated, one after the other: drained, ended, started, taken back",
    sessions: "cookie",
    proxies: 1,
    async play(world) {
      const { pool, proxies } = world;
      for (const { id, container } of pool.servers) {
        await Promise.all(proxies.map((proxy) => proxy.drain(id, true)));
        await world.seen(id, "draining");
        await world.crowd.goOn(3);
        await world.away(id, async () => {
          await container.stop(STOP_SECONDS);
          await container.startAgain();
          await pool.accepts(id);
          await Promise.all(proxies.map((proxy) => proxy.drain(id, false)));
        });
      }
    },
  },
  {
    name: "proxy-update",
    title: "a proxy gets no new connections, drains and ends, the other one takes over; then the other way round",
    sessions: "cookie",
    proxies: 2,
    async play({ proxies, crowd }) {
      for (const proxy of proxies) {
        crowd.inService(proxy, false);
        await proxy.retire();
        await crowd.goOn(5);
        await proxy.startAgain();
        crowd.inService(proxy, true);
      }
    },
  },
  {
    name: "fleet-kill",
    title: "three proxies, each killed (SIGKILL) in turn, and started again",
    ...{ sessions: "cookie", proxies: 3, mayFail: true, play: killEach },
  },
  {
    name: "fleet-kill-learned",
    title:
      "the same where the proxies learn the application's own cookie, and share it: Limpet in Redis, HAProxy among peers",
    ...{ sessions: "learned", proxies: 3, mayFail: true, play: killEach },
  },
];

async function killEach({ proxies, crowd }: World): Promise<void> {
  for (const proxy of proxies) {
    await proxy.container.kill("SIGKILL");
    await proxy.container.ended();
    await crowd.goOn(5);
    await proxy.startAgain();
  }
}
