/** A pool, the proxies before it and their clients; and when each server was away, to tell which moves were needed. */
import { Crowd, type CrowdOptions, type Move, type Visit } from "../world/crowd.js";
import type { Pool } from "../world/pool.js";
import type { SessionProxy, View } from "../world/proxy.js";

/** Visits of each session before a fault, and after it. */
const CALM_VISITS = 5;

export interface Away {
  server: string;
  from: number;
  to: number;
}

/** A fault's figures. */
export interface Figures {
  sent: number;
  failed: number;
  retried: number;
  moved: number;
  moved_needlessly: number;
}

export class World {
  readonly #away: Away[] = [];
  /** When which server could not have answered. */
  readonly gone: Away[] = [];

  private constructor(
    readonly pool: Pool,
    readonly proxies: readonly SessionProxy[],
    readonly crowd: Crowd,
  ) {}

  /** Plays a fault, or several, while the clients go on. */
  static async play(
    { pool, proxies, clients }: { pool: Pool; proxies: readonly SessionProxy[]; clients: CrowdOptions },
    fault: (world: World) => Promise<void>,
  ): Promise<World> {
    const world = new World(pool, proxies, Crowd.start(proxies, clients));
    try {
      await world.crowd.goOn(CALM_VISITS);
      for (const { id } of pool.servers) if (!world.crowd.homes.includes(id)) throw new Error(`${id} has no session`);
      await fault(world);
      await world.crowd.goOn(CALM_VISITS);
    } finally {
      await world.crowd.stop();
    }
    return world;
  }

  /** The server may be missed from now on, until all is done and every proxy sees it as before. */
  async away(server: string, fault: () => Promise<unknown>): Promise<void> {
    const away: Away = { server, from: performance.now(), to: Number.POSITIVE_INFINITY };
    this.#away.push(away);
    await fault();
    await this.pool.accepts(server);
    await Promise.all(this.proxies.map((proxy) => proxy.takesBack(server)));
    away.to = performance.now();
  }

  /** Waits until every proxy has this view of the server. */
  async seen(server: string, view: View): Promise<void> {
    await Promise.all(this.proxies.map((proxy) => proxy.sees(server, view)));
  }

  isNeedless({ from, visit, since }: Move): boolean {
    return !this.wasAway(from, since, visit.to);
  }

  /** Whether the server was missed at any time between these. */
  wasAway(server: string, from: number, to: number): boolean {
    return this.#away.some((away) => away.server === server && away.from <= to && from <= away.to);
  }

  /** What a server answered while it was gone: nothing, or else the fault was none. */
  get impossible(): Visit[] {
    const isImpossible = ({ server, from, to }: Visit) =>
      this.gone.some((gone) => gone.server === server && gone.from <= from && to <= gone.to);
    return this.crowd.visits.filter(isImpossible);
  }

  /** By how many proxies each session was answered. */
  get proxiesOfSessions(): number[] {
    const answered = this.crowd.visits.filter(({ server }) => server !== undefined);
    return this.crowd.homes.map((_, session) => {
      return new Set(answered.filter((visit) => visit.session === session).map(({ proxy }) => proxy)).size;
    });
  }

  get figures(): Figures {
    const { visits, moves } = this.crowd;
    return {
      sent: visits.length,
      failed: visits.filter(({ failure }) => failure !== undefined).length,
      retried: visits.reduce((sum, { retries }) => sum + retries, 0),
      moved: moves.length,
      moved_needlessly: moves.filter((move) => this.isNeedless(move)).length,
    };
  }

  /** Why requests failed: how many for each reason. */
  get why(): Record<string, number> {
    const why: Record<string, number> = {};
    for (const { failure } of this.crowd.visits) if (failure !== undefined) why[failure] = (why[failure] ?? 0) + 1;
    return why;
  }
}
