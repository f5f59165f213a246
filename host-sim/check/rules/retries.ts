/** A server dies: without retries its sessions are errors until someone notices. */
import { clustersOf, type Route } from "../site.js";
import type { Spot } from "../spot.js";
import type { Rule } from "./rule.js";

/** What a server's death looks like before it has answered anything, in Envoy's words. */
const DEATHS = ["connect-failure", "5xx", "gateway-error", "reset", "reset-before-request"];

/** Envoy's default: so many retries at once, and 503 for the next one. */
const DEFAULT_MAX_RETRIES = 3;

export const RETRIES: Rule[] = [
  {
    id: "no-retry-policy",
    severity: "warning",
    means:
      "a route without `retry_policy`, or one that never retries, or not a `connect-failure`: a dead server's sessions get errors",
    look: ({ routes }) =>
      routes.flatMap((route) => {
        if (hasOwnKind(route)) return [];
        const policy = retryPolicy(route);
        const none = policy?.get("num_retries");
        if (none && policy?.number("num_retries") === 0) {
          return [
            { at: none, message: "expected at least 1 in num_retries: with 0 a dead server's sessions get errors" },
          ];
        }
        const conditions = policy?.text("retry_on")?.split(",") ?? [];
        if (conditions.some((word) => DEATHS.includes(word.trim()))) return [];
        const at = policy ?? route.action;
        return [{ at, message: "expected a retry_policy with connect-failure: a dead server's sessions get errors" }];
      }),
  },
  {
    id: "retry-same-host",
    severity: "warning",
    means: "retries without `previous_hosts`: the load balancer may choose the dead server again",
    look: ({ routes, handoff }) =>
      routes.flatMap((route) => {
        const policy = retryPolicy(route);
        if (!policy || handoff.kind === "override_host") return [];
        const predicates = policy.list("retry_host_predicate");
        if (predicates.some(isPreviousHosts)) return [];
        return [
          { at: policy, message: "expected the retry_host_predicate previous_hosts: a retry may meet the same host" },
        ];
      }),
  },
  {
    id: "too-few-retries",
    severity: "warning",
    means: "the cluster allows few retries at once (3 by default): when a server dies, most of its sessions get 503",
    look: (site) =>
      clustersOf(site).flatMap((cluster) => {
        if (!site.routes.some((route) => route.clusters.includes(cluster) && retryPolicy(route))) return [];
        // Those of the priority HIGH are for routes that ask for it.
        const all = cluster.list("circuit_breakers", "thresholds");
        const thresholds = all.filter((threshold) => threshold.text("priority") !== "HIGH");
        if (thresholds.some((threshold) => threshold.get("retry_budget"))) return [];
        const found = thresholds.find((threshold) => threshold.get("max_retries"));
        const most = found?.number("max_retries") ?? DEFAULT_MAX_RETRIES;
        if (most > DEFAULT_MAX_RETRIES) return [];
        const at = found?.get("max_retries") ?? cluster;
        return [{ at, message: `expected more than ${most} in circuit_breakers.thresholds[].max_retries, say 1024` }];
      }),
  },
];

/** The route's own, which takes the place of its virtual host's as a whole, or else that one. */
function retryPolicy({ action, levels }: Route): Spot | undefined {
  return action.get("retry_policy") ?? levels[1]?.get("retry_policy");
}

/** It has a policy of an extension, of which nothing is known here. */
function hasOwnKind({ action, levels }: Route): boolean {
  if (action.get("retry_policy")) return false;
  return [action, levels[1]].some((level) => level?.get("retry_policy_typed_config"));
}

/** Envoy goes by the type; the name is anybody's. */
function isPreviousHosts(predicate: Spot): boolean {
  return predicate.type === "PreviousHostsPredicate" || predicate.text("name")?.endsWith("previous_hosts") === true;
}
