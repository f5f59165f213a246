import type { LbPolicy } from "../../envoy-config/index.js";
import type { Runtime } from "../runtime.js";
import { LeastRequest } from "./least-request.js";
import { Maglev } from "./maglev.js";
import { Random } from "./random.js";
import { RingHash } from "./ring-hash.js";
import { RoundRobin } from "./round-robin.js";
import type { LoadBalancer } from "./types.js";

export { nextOverrideHost } from "./override-host.js";
export type { LoadBalancer, LoadBalancerContext } from "./types.js";

const POLICIES = {
  round_robin: RoundRobin,
  least_request: LeastRequest,
  random: Random,
  ring_hash: RingHash,
  maglev: Maglev,
};

/** The policy that places requests by itself: of `override_host`, its innermost fallback. */
export function createLoadBalancer(policy: LbPolicy, runtime: Pick<Runtime, "random">): LoadBalancer {
  if (policy.kind === "override_host") return createLoadBalancer(policy.fallback, runtime);
  return new POLICIES[policy.kind](runtime);
}
