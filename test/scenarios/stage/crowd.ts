import type { Stage } from "./stage.js";
import type { Visitor } from "./visitor.js";

/** What a change has cost the sessions that were there, in figures. */
export interface Cost {
  requests: number;
  /** Without an answer, or with another one than 200. */
  lost: number;
  /** Sessions that were answered by another server than before, counted once a change of servers. */
  moved: number;
  /** Those among them whose server could have been used. */
  needless: number;
  /** Answers with a cookie. */
  cookies: number;
}

/** Tells whether that visitor's session may leave that server. */
export type MayMove = (server: string, visitor: number) => boolean;

/** Sessions that go on while servers come and go; a server is known by the body of its answers. */
export class Crowd {
  private constructor(
    readonly visitors: readonly Visitor[],
    /** The server that answered each visitor last. */
    readonly homes: string[],
  ) {}

  /** So many visitors, each with an answer of its own already. @param headers the header lines of a visitor */
  static async of(stage: Stage, count: number, headers: (visitor: number) => string[] = () => []): Promise<Crowd> {
    const visitors = Array.from({ length: count }, () => stage.visitor());
    const crowd = new Crowd(
      visitors,
      visitors.map(() => ""),
    );
    crowd.#headers = headers;
    await crowd.round(() => true);
    return crowd;
  }

  #headers: (visitor: number) => string[] = () => [];

  /** The visitors whose sessions are on that server. */
  at(server: string): number[] {
    return this.homes.flatMap((home, visitor) => (home === server ? [visitor] : []));
  }

  /** Everybody asks once. */
  async round(mayMove: MayMove = () => false): Promise<Cost> {
    const cost = nothing();
    for (let visitor = 0; visitor < this.visitors.length; visitor++) await this.#ask(visitor, mayMove, cost);
    return cost;
  }

  /** Everybody asks again and again, one after the other, while the change is made, and once more when it is. */
  async during(change: () => Promise<void>, mayMove: MayMove = () => false): Promise<Cost> {
    let isMade = false;
    const made = change().finally(() => {
      isMade = true;
    });
    const cost = nothing();
    for (let visitor = 0; !isMade; visitor = (visitor + 1) % this.visitors.length) {
      await this.#ask(visitor, mayMove, cost);
    }
    await made;
    return sum(cost, await this.round(mayMove));
  }

  async #ask(visitor: number, mayMove: MayMove, cost: Cost): Promise<void> {
    cost.requests++;
    const answer = await this.visitors[visitor]!.get("/", ...this.#headers(visitor)).catch(() => undefined);
    if (answer?.status !== 200) {
      cost.lost++;
      return;
    }
    if (answer.values("set-cookie").length > 0) cost.cookies++;
    const home = this.homes[visitor]!;
    if (answer.content === home) return;
    this.homes[visitor] = answer.content;
    cost.moved++;
    if (!mayMove(home, visitor)) cost.needless++;
  }
}

function nothing(): Cost {
  return { requests: 0, lost: 0, moved: 0, needless: 0, cookies: 0 };
}

function sum(one: Cost, other: Cost): Cost {
  return {
    requests: one.requests + other.requests,
    lost: one.lost + other.lost,
    moved: one.moved + other.moved,
    needless: one.needless + other.needless,
    cookies: one.cookies + other.cookies,
  };
}
