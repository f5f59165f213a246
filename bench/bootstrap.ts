/** One Envoy for all variants: a listener each, and the same three servers behind them. */
import type { Variant } from "./variants.js";

/** The bootstrap, which Envoy reads as JSON. `ports` are the listeners', in the variants' order. */
export function bootstrap(variants: Variant[], ports: number[], adminPort: number, servers: string[]): object {
  const listeners = variants.map((variant, i) => listener(variant, ports[i] as number));
  return {
    admin: { address: socket(`127.0.0.1:${adminPort}`) },
    static_resources: {
      listeners,
      clusters: [cluster("app", "ROUND_ROBIN", servers), cluster("ring", "RING_HASH", servers), admin(adminPort)],
    },
  };
}

function listener(variant: Variant, port: number): object {
  const route = {
    cluster: variant.lbPolicy === "RING_HASH" ? "ring" : "app",
    ...(variant.hashPolicy ? { hash_policy: variant.hashPolicy } : {}),
  };
  const virtualHost = { name: "app", domains: ["*"], routes: [{ match: { prefix: "/" }, route }] };
  const router = {
    name: "envoy.filters.http.router",
    typed_config: { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" },
  };
  const manager = {
    "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    stat_prefix: variant.name,
    generate_request_id: false,
    route_config: {
      name: variant.name,
      request_headers_to_remove: ["x-limpet-upstream"],
      response_headers_to_remove: ["x-limpet-upstream"],
      virtual_hosts: [virtualHost],
    },
    http_filters: [...variant.filters, router],
  };
  return {
    name: variant.name,
    address: socket(`127.0.0.1:${port}`),
    filter_chains: [{ filters: [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }] }],
  };
}

function cluster(name: string, lbPolicy: string, servers: string[]): object {
  const endpoints = servers.map((server, i) => ({
    endpoint: { hostname: `S${i + 1}`, address: socket(server) },
  }));
  return {
    name,
    type: "STATIC",
    connect_timeout: "1s",
    lb_policy: lbPolicy,
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: endpoints }] },
  };
}

/** For variants that ask Envoy itself who its servers are. */
const admin = (port: number) => cluster("admin", "ROUND_ROBIN", [`127.0.0.1:${port}`]);

function socket(address: string): object {
  const [host, port] = address.split(":");
  return { socket_address: { address: host, port_value: Number(port) } };
}
