/** The sets of servers that the clients are spread over, each the same for the peer and for Limpet. */
import { createServer } from "node:net";

export interface PoolServer {
  id: string;
  /** `ip:port`. */
  address: string;
  weight: number;
  state: "up" | "drain" | "down";
  /** HAProxy's `id` of the server, where it is said. */
  number?: number;
}

export interface Pool {
  /** Fit for a socket's name. */
  name: string;
  servers: PoolServer[];
}

export const MOST_SERVERS = 8;

const UNEQUAL = [3, 1, 2, 5, 1, 4, 2, 7];
/** Which server is down; not the last one of any size but two. */
const DOWN = 1;

/** 8, 5, 3, 2 servers, with unequal and equal weights, one down and all up (in this order); and a few more. */
export function pools(network: Network): Pool[] {
  const make = (name: string, weights: number[], change: (servers: PoolServer[]) => void = () => {}): Pool => {
    const servers = weights.map((weight, index) => ({ ...network.server(index), weight, state: "up" as const }));
    change(servers);
    return { name, servers };
  };
  const down = (servers: PoolServer[]) => {
    servers[DOWN]!.state = "down";
  };
  const rows: Pool[] = [];
  for (const size of [MOST_SERVERS, 5, 3, 2]) {
    const unequal = UNEQUAL.slice(0, size);
    const equal = Array<number>(size).fill(1);
    rows.push(make(`${size}-unequal-down`, unequal, down), make(`${size}-unequal`, unequal));
    rows.push(make(`${size}-down`, equal, down), make(`${size}`, equal));
  }
  rows.push(make("3-common-divisor", [4, 2, 6]), make("3-common-divisor-down", [4, 3, 6], down), make("1", [1]));
  return rows;
}

/** The pool with a server that keeps its sessions and gets no new ones. */
export function drained(pool: Pool): Pool {
  const servers = pool.servers.map((server, index) => (index === 2 ? { ...server, state: "drain" as const } : server));
  return { name: `${pool.name}-drain`, servers };
}

/** The pool with some of its servers numbered, and the others by the rule. */
export function numbered(pool: Pool): Pool {
  const numbers = [7, undefined, 2, undefined, 300];
  const servers = pool.servers.map((server, index) => ({ ...server, number: numbers[index] }));
  return { name: `${pool.name}-numbered`, servers };
}

/** The pool, where nothing listens at some of the servers' addresses. */
export function withDead(pool: Pool, network: Network, dead: string[]): { pool: Pool; dead: string[] } {
  const servers = pool.servers.map((server, index) => {
    return dead.includes(server.id) ? { ...server, address: network.server(MOST_SERVERS + index).address } : server;
  });
  return { pool: { name: `${pool.name}-dead`, servers }, dead };
}

/** Loopback addresses for the servers: always the same ones unless somebody has taken them. */
export class Network {
  private constructor(
    private readonly prefix: string,
    private readonly port: number,
  ) {}

  /**
   * @param second the second octet, another one for each suite: they run at the same time
   * @throws where none of the networks is free, or the system has only 127.0.0.1
   */
  static async find(second: number): Promise<Network> {
    for (let third = 0; third < 100; third++) {
      const network = new Network(`127.${second}.${third}.`, 8077 + third);
      if (await network.#isFree()) return network;
    }
    throw new Error(`no network within 127.${second}.0.0/16 can be listened on`);
  }

  server(index: number): { id: string; address: string } {
    return { id: `S${index + 1}`, address: `${this.prefix}${index + 1}:${this.port}` };
  }

  async #isFree(): Promise<boolean> {
    for (let index = 0; index < MOST_SERVERS; index++) {
      const free = await new Promise<boolean>((resolve) => {
        const server = createServer();
        server.once("error", () => resolve(false));
        server.listen(this.port, `${this.prefix}${index + 1}`, () => server.close(() => resolve(true)));
      });
      if (!free) return false;
    }
    return true;
  }
}
