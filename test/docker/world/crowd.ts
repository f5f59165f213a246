/** Clients with sessions that ask without end, and what became of them. */
import { setTimeout as delay } from "node:timers/promises";
import { type Ask, Client, type Manner, type Outcome } from "./client.js";
import type { SessionProxy } from "./proxy.js";

const PAUSE_MS = 50;

export interface CrowdOptions {
  size: number;
  /** What a session asks, in turn; beginning at its own place, so that not all ask the same. */
  asks: readonly Ask[];
  manner?: (session: number) => Manner;
  /** After so many visits a session's client forgets what it knows of it, and is a new visitor. */
  visitsOfSession?: number;
}

/** A request to its end. */
export interface Visit extends Outcome {
  session: number;
  from: number;
  to: number;
}

/** A change of servers within a session. */
export interface Move {
  session: number;
  from: string;
  to: string;
  /** The visit that was answered by another server than the one before. */
  visit: Visit;
  /** When it may have come about: from the session's first request since then, answered or not. */
  since: number;
}

export class Crowd {
  readonly visits: Visit[] = [];
  readonly moves: Move[] = [];
  readonly #homes: (string | undefined)[] = [];
  /** When a session asked first of what nobody has answered yet. */
  readonly #unanswered: (number | undefined)[] = [];
  #isOver = false;
  #sessions: Promise<void>[] = [];

  /** Proxies that get no new connections, as a balancer before them would have it. */
  readonly #outOfService = new Set<SessionProxy>();

  private constructor(
    private readonly proxies: readonly SessionProxy[],
    private readonly options: CrowdOptions,
  ) {}

  /** Each session asks its proxy, the next one where no connection can be made, and so on in a circle. */
  static start(proxies: readonly SessionProxy[], options: CrowdOptions): Crowd {
    const crowd = new Crowd(proxies, options);
    crowd.#sessions = Array.from({ length: options.size }, (_, session) => crowd.#live(session));
    return crowd;
  }

  /** From now on new connections go to the others; or to this one too again. */
  inService(proxy: SessionProxy, isInService: boolean): void {
    if (isInService) this.#outOfService.delete(proxy);
    else this.#outOfService.add(proxy);
  }

  /** The server of each session, in order. */
  get homes(): readonly (string | undefined)[] {
    return this.#homes;
  }

  /** Lets every session make its last visit. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#sessions);
  }

  /** Waits until every session has made so many further visits. */
  async goOn(visits: number): Promise<void> {
    const made = this.#sessions.map(() => 0);
    for (let seen = this.visits.length; made.some((count) => count < visits); await delay(20)) {
      for (; seen < this.visits.length; seen++) made[this.visits[seen]!.session]!++;
    }
  }

  async #live(session: number): Promise<void> {
    const { proxies, options } = this;
    const { asks, manner = (): Manner => ({}), visitsOfSession = Number.POSITIVE_INFINITY } = options;
    const { comesBack = false, ...how } = manner(session);
    const client = new Client(proxies, this.#outOfService, session % proxies.length, how);
    // Not all at once.
    await delay((session * PAUSE_MS) / 7);
    for (let i = session; !this.#isOver; i++) {
      if (i % visitsOfSession === 0 && !comesBack) {
        client.forget();
        this.#homes[session] = undefined;
      }
      const from = performance.now();
      const outcome = await client.visit(asks[i % asks.length]!);
      const visit = { session, from, to: performance.now(), ...outcome };
      this.visits.push(visit);
      this.#note(visit, comesBack);
      await delay(PAUSE_MS);
    }
    client.close();
  }

  #note(visit: Visit, comesBack: boolean): void {
    const { session, server } = visit;
    const since = this.#unanswered[session] ?? visit.from;
    this.#unanswered[session] = server === undefined ? since : undefined;
    if (server === undefined) return;
    const home = this.#homes[session];
    if (home === undefined || !comesBack) this.#homes[session] = server;
    if (home !== undefined && home !== server) this.moves.push({ session, from: home, to: server, visit, since });
  }
}
