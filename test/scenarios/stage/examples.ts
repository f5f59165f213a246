import type { Bootstrap, Plain } from "./bootstrap.js";

/** The servers of every example, by id; their hostnames are the same. */
export const SERVERS = ["S1", "S2", "S3"];

/** The line with which `envoy/cookie-insert.yaml` binds a session to the server. */
export function insertedCookie(server: string): string {
  return `set-cookie: SERVERID=${server}; path=/; HttpOnly; SameSite=Lax`;
}

/** The `pin.cookie` of `envoy/cookie-insert.yaml`. */
export function pinCookie(bootstrap: Bootstrap, listener = "main"): Plain {
  return bootstrap.limpet(listener).rules[0].pin.cookie;
}

/** Has the file's one policy concern the cluster `app` only; the paths below /other lead to one without a policy. */
export function policyByCluster(bootstrap: Bootstrap): void {
  const limpet = bootstrap.limpet();
  const { servers, rules } = limpet;
  delete limpet.servers;
  delete limpet.rules;
  limpet.policy_from = "xds.cluster_name";
  limpet.policies = { app: { servers, rules } };
  bootstrap.plain.static_resources.clusters.push({ ...structuredClone(bootstrap.cluster()), name: "other" });
  bootstrap.virtualHost().routes.unshift({ match: { prefix: "/other" }, route: { cluster: "other" } });
}
