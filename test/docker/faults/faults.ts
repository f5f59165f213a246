/** What happens to servers and proxies while clients go on. */
import { setTimeout as delay } from "node:timers/promises";
import type { Container } from "../machine/container.js";
import type { Sessions } from "./systems.js";
import type { World } from "./world.js";

export interface Fault {
  name: string;
  /** In words, for people. */
  title: string;
  /** What goes away: all sessions of a server must move, all of a proxy must find another one. */
  strikes: "server" | "proxy";
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
  begin(container: Container): Promise<unknown>;
  end(container: Container): Promise<unknown>;
  /** It ends as soon as it can: a proxy need not notice it otherwise than by its requests. */
  atOnce?: true;
}

export const SERVER_FAULTS: ServerFault[] = [
  {
    name: "pause",
    title: "a server freezes, and goes on",
    begin: (container) => container.pause(),
    end: (container) => container.unpause(),
  },
  {
    name: "kill",
    title: "a server is killed (SIGKILL), and started again",
    begin: (container) => endBy(container, "SIGKILL"),
    end: (container) => container.startAgain(),
  },
  {
    name: "terminate",
    title: "a server ends in order (SIGTERM), and is started again",
    begin: (container) => endBy(container, "SIGTERM"),
    end: (container) => container.startAgain(),
  },
  {
    name: "restart",
    title: "a server is restarted at once",
    begin: (container) => container.stop(STOP_SECONDS),
    end: (container) => container.startAgain(),
    atOnce: true,
  },
  {
    name: "disconnect",
    title: "a server loses its network, and has it again",
    begin: (container) => container.disconnect(),
    end: (container) => container.connect(),
  },
];

async function endBy(container: Container, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  await container.kill(signal);
  await container.ended();
}

/** Plays a server's fault; one that lasts does so until every proxy has seen it. */
export async function strike(world: World, server: string, { begin, end, atOnce }: ServerFault): Promise<void> {
  const { container } = world.pool.get(server);
  await world.away(server, async () => {
    await begin(container);
    const from = performance.now();
    if (!atOnce) {
      await delay(AWAY_MS);
      await world.seen(server, "down");
    }
    world.gone.push({ server, from, to: performance.now() });
    await end(container);
  });
}

/** Whose fault it is, where one server has one. */
const VICTIM = "S2";

export const FAULTS: Fault[] = [
  ...SERVER_FAULTS.map(
    (fault): Fault => ({
      ...{ name: fault.name, title: fault.title, strikes: "server", sessions: "cookie", proxies: 1 },
      play: (world) => strike(world, VICTIM, fault),
    }),
  ),
  {
    name: "rolling-update",
    title: "all servers are updated, one after the other: drained, ended, started, taken back",
    strikes: "server",
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
    strikes: "proxy",
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
    ...{ strikes: "proxy", sessions: "cookie", proxies: 3, mayFail: true, play: killEach },
  },
  {
    name: "fleet-kill-learned",
    title:
      "the same where the proxies learn the application's own cookie, and share it: Limpet in Redis, HAProxy among peers",
    ...{ strikes: "proxy", sessions: "learned", proxies: 3, mayFail: true, play: killEach },
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
