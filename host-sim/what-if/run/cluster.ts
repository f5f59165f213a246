import type { Plan, ServerState, TimelineEvent } from "../plan/model.js";
import type { Random } from "../random.js";
import { createLoadBalancer } from "./load-balancer.js";

/**
 * The upstream servers as Envoy sees them, with active health checks that are never late: a host that
 * is asked for is used unless it is dead or gone (`stateful_session`, with DRAINING among the override
 * host statuses); otherwise the load balancer picks one that is up.
 */
export class Cluster {
  readonly states: ServerState[];
  readonly weights: Uint32Array;
  readonly #balancer: ReturnType<typeof createLoadBalancer>;

  constructor(plan: Plan, random: Random) {
    this.states = plan.servers.map(({ initial }) => (initial ? "up" : "absent"));
    this.weights = Uint32Array.from(plan.servers, ({ weight }) => weight);
    this.#balancer = createLoadBalancer(plan.loadBalancer, plan.servers.length, random);
    this.#balancer.update(this.states, this.weights);
  }

  apply({ changes }: TimelineEvent): void {
    for (const { server, state, weight } of changes) {
      if (state !== undefined) this.states[server] = state;
      if (weight !== undefined) this.weights[server] = weight;
    }
    this.#balancer.update(this.states, this.weights);
  }

  /** True if the server can be used by a session that it has. */
  keeps(server: number): boolean {
    const state = this.states[server];
    return state === "up" || state === "draining";
  }

  /** Who serves: the first of those asked for that can, else the load balancer's choice; -1 if there is none. */
  place(asked: Int32Array, count: number): number {
    let server = -1;
    for (let i = 0; i < count && server < 0; i++) if (this.keeps(asked[i]!)) server = asked[i]!;
    if (server < 0) server = this.#balancer.pick();
    if (server >= 0) this.#balancer.began(server);
    return server;
  }

  /** The response is there. */
  ended(server: number): void {
    if (server >= 0) this.#balancer.ended(server);
  }
}
