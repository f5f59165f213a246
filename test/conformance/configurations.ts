/** Random listeners: routes, header mutations, and a Limpet policy that leaves nothing to chance. */
import { FILTER } from "../../scripts/build.js";
import { address, cluster, type Plain, statefulSession } from "../proxy/stage/configuration.js";
import type { Random } from "./random.js";

const type = (name: string) => `type.googleapis.com/${name}`;
const HAND_OFF = "x-limpet-upstream";

/** What an access log line tells of a request; the ports are the same on every engine. */
const LOG_FORMAT = [
  "access> %REQ(X-CASE)% %REQ(:METHOD)% %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %ROUTE_NAME%",
  "%UPSTREAM_HOST% %UPSTREAM_CLUSTER% %UPSTREAM_REQUEST_ATTEMPT_COUNT% %BYTES_RECEIVED% %BYTES_SENT% %PROTOCOL%",
  "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %REQ(X-FORWARDED-FOR)% %RESP(SET-COOKIE)% %FILTER_STATE(wasm.limpet:PLAIN)%\n",
].join(" ");

export interface Ports {
  listeners: number[];
  admin: number;
  backends: number[];
  /** Nothing listens there. */
  dead: number;
}

/** A bootstrap with a listener for each port. */
export function bootstrap(random: Random, ports: Ports): Plain {
  const [, second] = ports.backends;
  return {
    node: { id: "conformance", cluster: "conformance" },
    admin: { address: address(ports.admin) },
    static_resources: {
      listeners: ports.listeners.map((port, index) => listener(random, `l${index}`, port, ports)),
      clusters: [
        cluster("app", ports.backends, more()),
        // The first server is dead: who wants it is served by the other, by way of a retry.
        cluster("half", [ports.dead, second!], more()),
        cluster("nobody", [], more()),
      ],
    },
  };
}

const more = () => ({
  connect_timeout: "5s",
  circuit_breakers: { thresholds: [{ max_retries: 1024 }] },
  common_lb_config: { override_host_status: { statuses: ["UNKNOWN", "HEALTHY", "DEGRADED", "DRAINING"] } },
});

function listener(random: Random, name: string, port: number, ports: Ports): Plain {
  const isHalf = random.chance(0.2);
  const backends = isHalf ? [ports.dead, ports.backends[1]!] : ports.backends;
  const hcm = {
    "@type": type("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"),
    stat_prefix: name,
    ...(random.chance(0.5) && { use_remote_address: true, xff_num_trusted_hops: random.of([0, 1]) }),
    access_log: [
      {
        name: "envoy.access_loggers.stdout",
        typed_config: {
          "@type": type("envoy.extensions.access_loggers.stream.v3.StdoutAccessLog"),
          log_format: { text_format_source: { inline_string: LOG_FORMAT } },
        },
      },
    ],
    route_config: {
      name: "routes",
      ...mutations(random),
      virtual_hosts: [
        {
          name: "app",
          domains: ["*"],
          routes: routes(random, isHalf ? "half" : "app"),
          request_headers_to_remove: [HAND_OFF],
          response_headers_to_remove: [HAND_OFF],
        },
      ],
    },
    http_filters: [
      limpet(name, policy(random, backends)),
      statefulSession({ header: HAND_OFF }),
      { name: "router", typed_config: { "@type": type("envoy.extensions.filters.http.router.v3.Router") } },
    ],
  };
  const filters = [{ name: "hcm", typed_config: hcm }];
  return { name, address: address(port), filter_chains: [{ filters }] };
}

function routes(random: Random, main: string): Plain[] {
  const retry_policy = {
    retry_on: "connect-failure,refused-stream,reset-before-request",
    num_retries: 2,
    retry_host_predicate: [
      {
        name: "envoy.retry_host_predicates.previous_hosts",
        typed_config: { "@type": type("envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate") },
      },
    ],
    host_selection_retry_max_attempts: 20,
  };
  const special = [
    {
      match: { path: "/direct" },
      direct_response: { status: random.of([200, 403, 503]), body: { inline_string: "refused" } },
    },
    { match: { prefix: "/void" }, route: { cluster: "nobody" } },
    { match: { prefix: "/", headers: [{ name: "x-refuse", present_match: true }] }, direct_response: { status: 404 } },
    { name: "shop", match: { prefix: "/shop" }, route: { cluster: main, retry_policy }, ...mutations(random) },
  ];
  return [
    ...random.some(special, 0.6),
    { name: "rest", match: { prefix: "/" }, route: { cluster: main, retry_policy } },
  ];
}

function mutations(random: Random): Plain {
  const add = (name: string, value: string) => ({
    header: { key: name, value },
    append_action: random.of(["APPEND_IF_EXISTS_OR_ADD", "ADD_IF_ABSENT", "OVERWRITE_IF_EXISTS_OR_ADD"]),
  });
  return {
    ...(random.chance(0.3) && { request_headers_to_add: [add("x-added", "by-envoy"), add("x-user", "made-up")] }),
    ...(random.chance(0.3) && {
      response_headers_to_add: [add("x-frame-options", "DENY"), add("cache-control", "private")],
    }),
    ...(random.chance(0.2) && { response_headers_to_remove: ["server", "x-secret"] }),
  };
}

function limpet(name: string, value: Plain): Plain {
  return {
    name: "limpet",
    typed_config: {
      "@type": type("envoy.extensions.filters.http.wasm.v3.Wasm"),
      config: {
        name: `limpet-${name}`,
        root_id: "limpet",
        failure_policy: "FAIL_RELOAD",
        vm_config: { runtime: "envoy.wasm.runtime.v8", code: { local: { filename: FILTER } } },
        configuration: { "@type": type("google.protobuf.Struct"), value: { name, ...value } },
      },
    },
  };
}

/** The last rule always finds a server, so that no load balancer's die is cast. */
function policy(random: Random, backends: number[]): Plain {
  const servers = backends.map((port, index) => ({
    id: `S${index + 1}`,
    address: `127.0.0.1:${port}`,
    name: `server${index + 1}`,
    ...(random.chance(0.2) && { weight: random.of([2, 5]) }),
    ...(index > 0 && index < backends.length - 1 && random.chance(0.15) && { state: random.of(["drain", "down"]) }),
  }));
  const first = [pin, tokenHeader, route, learn].flatMap((rule) => (random.chance(0.5) ? [rule(random)] : []));
  const rules = first.map((rule, index) => ({ name: `r${index}`, ...rule, ...condition(random) }));
  return {
    servers,
    rules: [...rules, { name: "hash", hash: hash(random) }, { name: "last", hash: { client_ip: {} } }],
  };
}

function condition(random: Random): Plain {
  if (random.chance(0.7)) return {};
  const test = random.of([
    { method: ["GET", "POST"] },
    { path_prefix: "/shop" },
    { path_suffix: [".css", "/"] },
    { header: { name: "x-user", contains: "a" } },
  ]);
  return { [random.of(["when", "unless"])]: test };
}

function pin(random: Random): Plain {
  const mode = random.of(["insert", "insert", "insert", "rewrite", "prefix"]);
  if (mode !== "insert") return { pin: { cookie: { name: "JSESSIONID", value: "server_id", mode } } };
  const options = {
    indirect: random.chance(0.5),
    nocache: random.chance(0.5),
    preserve: random.chance(0.3),
    postonly: random.chance(0.2),
    path: random.of(["/", "/shop"]),
    http_only: random.chance(0.5),
    secure: random.of(["auto", true, false]),
    same_site: random.of(["Strict", "Lax", "unset", "auto"]),
    ...(random.chance(0.3) && { domain: "example.test" }),
    ...(random.chance(0.3) && { max_age: "1h" }),
  };
  return { pin: { cookie: { name: "SERVERID", value: "server_id", ...options } } };
}

function tokenHeader(random: Random): Plain {
  return { pin: { header: { name: "x-session", value: "server_id", mode: random.of(["own", "prefix"]) } } };
}

function route(random: Random): Plain {
  const source = random.of([{ header: "x-server-id" }, { query: "sid" }, { path: "sid" }, { cookie: "ROUTE" }]);
  return { route: { ...source, id: random.of(["whole", "after_last", "before_first"]) } };
}

function learn(random: Random): Plain {
  const [create, lookup] = random.of([
    [{ cookie: "APP" }, { cookie: "APP" }],
    [{ header: "x-app" }, [{ header: "x-app" }, { query: "app" }]],
  ]);
  return { learn: { create, lookup, size: "64KiB", request_learn: random.chance(0.3) } };
}

function hash(random: Random): Plain {
  const source = random.of([{ header: "x-user" }, { query: "user" }, { cookie: "USER" }, { property: "request.path" }]);
  const algorithm = random.of([
    "rendezvous",
    "maglev",
    "nginx_hash",
    "nginx_consistent",
    "haproxy_hash",
    "haproxy_consistent",
  ]);
  return { ...source, algorithm, ...(algorithm === "maglev" && { table_size: 251 }) };
}
