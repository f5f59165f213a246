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

/** Hands off through the `override_host` load balancing policy instead of `stateful_session`. */
export function handOffByOverrideHost(bootstrap: Bootstrap): void {
  bootstrap.limpet().handoff = { override_host: { header: "x-limpet-upstream" } };
  const http = bootstrap.http();
  http.http_filters = http.http_filters.filter(({ name }: Plain) => name !== "envoy.filters.http.stateful_session");
  const cluster = bootstrap.cluster();
  delete cluster.lb_policy;
  delete cluster.common_lb_config;
  cluster.load_balancing_policy = {
    policies: [
      policy("override_host.v3.OverrideHost", {
        override_host_sources: [{ header: "x-limpet-upstream" }],
        fallback_policy: { policies: [policy("round_robin.v3.RoundRobin", {})] },
      }),
    ],
  };
}

function policy(type: string, options: Plain): Plain {
  return {
    typed_extension_config: {
      name: `envoy.load_balancing_policies.${type.split(".")[0]}`,
      typed_config: { "@type": `type.googleapis.com/envoy.extensions.load_balancing_policies.${type}`, ...options },
    },
  };
}
