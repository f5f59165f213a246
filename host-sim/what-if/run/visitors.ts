import type { Visit } from "../host/engine.js";
import type { Jar } from "../host/jar.js";
import type { Plan, Population } from "../plan/model.js";
import { mix32, Random, WeightedChoice } from "../random.js";
import { weightOf } from "./dealing.js";

/** One population's clients at one Envoy. */
interface Crowd extends Population {
  /** Their numbers at this Envoy begin here, and their numbers in the plan. */
  first: number;
  firstOfAll: number;
  size: number;
  choice: WeightedChoice | undefined;
  requests: number;
  made: number;
  /** When the next request comes; Infinity: no more. */
  next: number;
}

/** Clients dealt to an Envoy: how many in all. */
export function visitorCount({ clients, envoys }: Plan, envoy: number): number {
  return clients.reduce((sum, { count }) => sum + dealt(count, envoys, envoy), 0);
}

const dealt = (count: number, envoys: number, envoy: number) => Math.floor((count - envoy - 1 + envoys) / envoys);

/** The clients at one Envoy: who comes when, from where, and in which session. */
export class Visitors {
  /** Each client's session: begins at a number of its own, so that ids are alike at no two Envoys. */
  readonly sessions: Uint32Array;
  readonly #random: Random;
  readonly #crowds: Crowd[] = [];

  constructor(
    plan: Plan,
    private readonly envoy: number,
    requests: number[],
    private readonly jar: Jar,
  ) {
    this.envoys = plan.envoys;
    this.#random = new Random(plan.seed, envoy);
    this.sessions = new Uint32Array(visitorCount(plan, envoy));
    let first = 0;
    let firstOfAll = 0;
    for (const [index, population] of plan.clients.entries()) {
      const size = dealt(population.count, plan.envoys, envoy);
      const weights = () =>
        Float64Array.from({ length: size }, (_, i) => weightOf(population, i * plan.envoys + envoy));
      const choice = population.zipf > 0 && size > 0 ? new WeightedChoice(weights()) : undefined;
      const crowd = { ...population, first, firstOfAll, size, choice, requests: requests[index]!, made: 0, next: 0 };
      crowd.next = timeOfNext(crowd);
      this.#crowds.push(crowd);
      for (let i = 0; i < size; i++) this.sessions[first + i] = mix32(firstOfAll + i * plan.envoys + envoy);
      first += size;
      firstOfAll += population.count;
    }
  }

  private readonly envoys: number;

  /** Fills in the next request in order of time; false if there is none. */
  next(visit: Visit): boolean {
    let crowd = this.#crowds[0]!;
    for (let i = 1; i < this.#crowds.length; i++) if (this.#crowds[i]!.next < crowd.next) crowd = this.#crowds[i]!;
    if (crowd.next === Infinity) return false;
    const at = crowd.choice === undefined ? this.#random.below(crowd.size) : crowd.choice.draw(this.#random);
    visit.now = crowd.next;
    visit.client = crowd.first + at;
    visit.address = this.#address(crowd, at, crowd.next);
    visit.session = this.sessions[visit.client]!;
    crowd.made++;
    crowd.next = timeOfNext(crowd);
    // Whether this request is its session's last is drawn now, and done by `mayEnd`.
    this.#ends = crowd.sessionRequests > 0 && this.#random.fraction() * crowd.sessionRequests < 1;
    return true;
  }

  #ends = false;

  /** Ends the session whose request was told last, if it was its last: true if so. */
  mayEnd(client: number): boolean {
    if (!this.#ends) return false;
    this.sessions[client]!++;
    this.jar.clear(client);
    return true;
  }

  #address({ perAddress, mobileEvery, firstOfAll }: Crowd, at: number, now: number): number {
    const group = firstOfAll + Math.floor((at * this.envoys + this.envoy) / perAddress);
    if (mobileEvery === 0) return mix32(group + 1);
    const own = mix32(group + 1);
    // Not all of them at the same moment.
    const epoch = Math.floor(now / mobileEvery + own / 4294967296);
    return mix32(own ^ Math.imul(epoch + 1, 0x9e3779b9));
  }
}

function timeOfNext({ made, requests, from, to }: Crowd): number {
  return made < requests ? from + ((made + 0.5) * (to - from)) / requests : Infinity;
}
