/** Backends in containers: each the server of `test/docker/backend`, at an address of its own. */
import { setTimeout as delay } from "node:timers/promises";
import { containerAddress } from "../machine/addresses.js";
import { Container } from "../machine/container.js";
import { PEERS } from "../machine/names.js";

export const HTTP1_PORT = 8080;
export const HTTP2_PORT = 8081;

const READY_LIMIT_MS = 30_000;

export interface Server {
  id: string;
  container: Container;
}

export class Pool {
  private constructor(readonly servers: readonly Server[]) {}

  /** S1 to Sn, at the members 11 and following of the group. */
  static async start(group: number, size: number): Promise<Pool> {
    const ids = Array.from({ length: size }, (_, i) => `S${i + 1}`);
    const servers = ids.map(async (id, i) => {
      const address = containerAddress(group, 11 + i);
      const container = await Container.start({ image: PEERS, command: ["node", "/backend/main.js", id], address });
      return { id, container };
    });
    const pool = new Pool(await Promise.all(servers));
    await Promise.all(pool.servers.map(({ id }) => pool.accepts(id)));
    return pool;
  }

  get(id: string): Server {
    const found = this.servers.find((server) => server.id === id);
    if (!found) throw new Error(`no server "${id}" in the pool`);
    return found;
  }

  /** Waits until it answers, asked directly. */
  async accepts(id: string): Promise<void> {
    const url = `http://${this.get(id).container.address}:${HTTP1_PORT}/healthz`;
    for (const start = Date.now(); Date.now() - start < READY_LIMIT_MS; await delay(20)) {
      const answer = await fetch(url, { signal: AbortSignal.timeout(1000) }).catch(() => undefined);
      if (answer?.ok) return;
    }
    throw new Error(`${id} does not accept: ${this.get(id).container.log}`);
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map(({ container }) => container.remove()));
  }
}
