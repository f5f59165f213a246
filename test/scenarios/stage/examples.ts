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
  // The route's removal comes before the policy reads the header: an upstream filter comes after it.
  delete bootstrap.virtualHost().request_headers_to_remove;
  const cluster = bootstrap.cluster();
  cluster.typed_extension_protocol_options = {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
      "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
      explicit_http_config: { http_protocol_options: {} },
      http_filters: [
        filter("header_mutation", "header_mutation.v3.HeaderMutation", {
          mutations: { request_mutations: [{ remove: "x-limpet-upstream" }] },
        }),
        filter("upstream_codec", "upstream_codec.v3.UpstreamCodec", {}),
      ],
    },
  };
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

function filter(name: string, type: string, options: Plain): Plain {
  return {
    name: `envoy.filters.http.${name}`,
    typed_config: { "@type": `type.googleapis.com/envoy.extensions.filters.http.${type}`, ...options },
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
