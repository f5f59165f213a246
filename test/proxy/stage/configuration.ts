/** Envoy bootstraps as plain data, made of the parts that a test cares for. */
import { PROBE } from "./probe.js";

// biome-ignore lint/suspicious/noExplicitAny: an Envoy configuration as plain data; the engine checks it, not the tests.
export type Plain = any;

const type = (name: string) => `type.googleapis.com/${name}`;

export interface Parts {
  /** Routes of the one virtual host; everything to the cluster `app` unless told. */
  routes?: Plain[];
  /** More fields of that virtual host. */
  virtualHost?: Plain;
  /** Instead of that virtual host. */
  virtualHosts?: Plain[];
  /** More fields of the `route_config`. */
  routeConfig?: Plain;
  /** More fields of the connection manager. */
  hcm?: Plain;
  /** Before the router. */
  filters?: Plain[];
  /** Made by `cluster`; one named `app` of all backends unless told. */
  clusters?: Plain[];
  dynamicResources?: Plain;
  /** No static listener. */
  withoutListener?: boolean;
}

/** A whole bootstrap with one listener `main`. */
export function bootstrap(parts: Parts, ports: { main: number; admin: number; backends: number[] }): Plain {
  return {
    node: { id: "test", cluster: "test" },
    admin: { address: address(ports.admin) },
    ...(parts.dynamicResources && { dynamic_resources: parts.dynamicResources }),
    static_resources: {
      ...(!parts.withoutListener && { listeners: [listener(parts, ports.main)] }),
      clusters: parts.clusters ?? [cluster("app", ports.backends)],
    },
  };
}

/** A listener `main` with one connection manager. */
export function listener(parts: Parts, port: number): Plain {
  return {
    name: "main",
    address: address(port),
    filter_chains: [
      {
        filters: [
          {
            name: "envoy.filters.network.http_connection_manager",
            typed_config: {
              "@type": type("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"),
              stat_prefix: "ingress",
              route_config: {
                name: "routes",
                virtual_hosts: parts.virtualHosts ?? [
                  {
                    name: "app",
                    domains: ["*"],
                    routes: parts.routes ?? [{ match: { prefix: "/" }, route: { cluster: "app" } }],
                    ...parts.virtualHost,
                  },
                ],
                ...parts.routeConfig,
              },
              http_filters: [...(parts.filters ?? []), router],
              ...parts.hcm,
            },
          },
        ],
      },
    ],
  };
}

export function address(port: number, host = "127.0.0.1"): Plain {
  return { socket_address: { address: host, port_value: port } };
}

/** A cluster of endpoints on this machine; `more`: further fields, `endpoint`: further fields of each `lb_endpoint`. */
export function cluster(
  name: string,
  ports: number[],
  more: Plain = {},
  endpoint: (index: number) => Plain = () => ({}),
): Plain {
  return {
    name,
    type: "STATIC",
    connect_timeout: "0.5s",
    load_assignment: loadAssignment(name, ports, endpoint),
    ...more,
  };
}

export function loadAssignment(name: string, ports: number[], endpoint: (index: number) => Plain = () => ({})): Plain {
  const lbEndpoints = ports.map((port, index) => ({
    endpoint: { hostname: `S${index + 1}`, address: address(port) },
    ...endpoint(index),
  }));
  return { cluster_name: name, endpoints: [{ lb_endpoints: lbEndpoints }] };
}

const router = {
  name: "envoy.filters.http.router",
  typed_config: { "@type": type("envoy.extensions.filters.http.router.v3.Router") },
};

/** The scripted filter (test/assembly/probe) with that configuration. */
export function probe(configuration: string, more: Plain = {}, vm: Plain = {}): Plain {
  return {
    name: "probe",
    typed_config: {
      "@type": type("envoy.extensions.filters.http.wasm.v3.Wasm"),
      config: {
        name: "probe",
        root_id: "root",
        vm_config: { runtime: "envoy.wasm.runtime.v8", code: { local: { filename: PROBE } }, ...vm },
        configuration: { "@type": type("google.protobuf.StringValue"), value: configuration },
        ...more,
      },
    },
  };
}

/** `stateful_session` with a header or a cookie. */
export function statefulSession(state: { header: string } | { cookie: Plain }, strict = false): Plain {
  const isHeader = "header" in state;
  const kind = isHeader ? "header" : "cookie";
  const config = isHeader
    ? { "@type": type("envoy.extensions.http.stateful_session.header.v3.HeaderBasedSessionState"), name: state.header }
    : {
        "@type": type("envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState"),
        cookie: state.cookie,
      };
  return {
    name: "envoy.filters.http.stateful_session",
    typed_config: {
      "@type": type("envoy.extensions.filters.http.stateful_session.v3.StatefulSession"),
      strict,
      session_state: { name: `envoy.http.stateful_session.${kind}`, typed_config: config },
    },
  };
}

/** A discovery file with these resources, each with its type. */
export function discoveryFile(kind: "Listener" | "Cluster" | "ClusterLoadAssignment", resources: Plain[]): Plain {
  const packages = { Listener: "listener", Cluster: "cluster", ClusterLoadAssignment: "endpoint" };
  return {
    resources: resources.map((resource) => ({
      "@type": type(`envoy.config.${packages[kind]}.v3.${kind}`),
      ...resource,
    })),
  };
}
