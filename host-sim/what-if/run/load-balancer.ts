import { LeastRequest } from "../../proxy/lb/least-request.js";
import { Random as RandomPick } from "../../proxy/lb/random.js";
import { RoundRobin } from "../../proxy/lb/round-robin.js";
import type { LoadBalancer, LoadBalancerContext } from "../../proxy/lb/types.js";
import type { UpstreamHost } from "../../proxy/upstream/host.js";
import type { HostList } from "../../proxy/upstream/host-set.js";
import type { Plan, ServerState } from "../plan/model.js";
import type { Random } from "../random.js";

const POLICIES = { ROUND_ROBIN: RoundRobin, LEAST_REQUEST: LeastRequest, RANDOM: RandomPick };

/** The simulator's own load balancers over nothing but the numbers that they look at. */
export function createLoadBalancer(kind: Plan["loadBalancer"], count: number, random: Random) {
  const balancer: LoadBalancer = new POLICIES[kind]({ random: () => random.fraction() });
  const hosts = Array.from({ length: count }, (_, index) => {
    return { index, endpoint: { weight: 1 }, stats: { rq_active: { value: 0 } } };
  });
  // Round robin, random and least request do not look at the request.
  const nothing = {} as LoadBalancerContext;
  let list: HostList = { source: "healthy", hosts: [] };
  return {
    /** New sessions go to servers that are up. */
    update(states: readonly ServerState[], weights: Uint32Array): void {
      for (const host of hosts) host.endpoint.weight = weights[host.index]!;
      const up = hosts.filter(({ index }) => states[index] === "up");
      list = { source: "healthy", hosts: up as unknown as UpstreamHost[] };
    },
    pick(): number {
      const host = balancer.select(list, nothing, 0) as unknown as (typeof hosts)[number] | undefined;
      return host === undefined ? -1 : host.index;
    },
    began(server: number): void {
      hosts[server]!.stats.rq_active.value++;
    },
    ended(server: number): void {
      hosts[server]!.stats.rq_active.value--;
    },
  };
}
