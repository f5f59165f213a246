/** What Envoy's admin pages say of the endpoints, while sessions and open streams name them. */
import { structBytes } from "../../../host-sim/envoy-config/struct-bytes.js";
import type { HeaderField, Plugin } from "../../../host-sim/wasm-host/index.js";
import { bytes, fields, TestStream } from "../../wasm-host/harness.js";
import type { FilterTime, WaitingCall } from "../life.js";
import type { WasmTarget } from "./target.js";

const discovered = (configuration: object, options: object = {}) => ({
  servers: { discover: { admin_cluster: "admin", cluster: "app", interval: "1s", ...options } },
  ...configuration,
});

const CONFIGURATIONS = [
  discovered({ rules: [{ pin: { cookie: { name: "SERVERID" } } }] }),
  discovered({
    rules: [
      { pin: { cookie: { name: "SERVERID", value: "server_id", max_idle: "30m" } }, on_unavailable: "detour" },
      { hash: { client_ip: {}, algorithm: "maglev", table_size: 251 } },
    ],
    gauges: { sessions: true, in_flight: true },
    rebalance: { sessions_per_minute: 6000, idle: "1s" },
  }),
  discovered(
    {
      rules: [
        { learn: { create: { cookie: "SERVERID" }, lookup: { cookie: "SERVERID" }, size: "64KiB" } },
        { hash: { cookie: "SERVERID", algorithm: "haproxy_consistent", max_load: 1.25 } },
      ],
      drain: { deadline: "1m" },
    },
    { id: "address", jitter: 1 },
  ),
  discovered(
    { rules: [{ pin: { cookie: { name: "SERVERID" } } }, { route: { cookie: "SERVERID" } }] },
    { id: { metadata: { key: "id" } }, incarnation: { metadata: { namespace: "my.own", key: "pod" } } },
  ),
];

/** An endpoint as Envoy 1.40 prints it. */
const host = (address: string, port: number, hostname: string, health: object, weight = 1) => ({
  address: { socket_address: { address, port_value: port } },
  stats: [{ name: "cx_connect_fail" }, { type: "GAUGE", name: "rq_active", value: "1" }],
  health_status: { ...health, eds_health_status: "HEALTHY" },
  weight,
  hostname,
  locality: { region: "eu", zone: "a" },
});

const S1 = host("127.0.0.1", 8001, "S1", {}, 2);
const S2 = host("127.0.0.1", 8002, "S2", {});
const page = (...hosts: object[]) =>
  JSON.stringify({
    cluster_statuses: [
      {
        name: "app",
        host_statuses: hosts,
        circuit_breakers: { thresholds: [{ max_connections: 1024 }, { priority: "HIGH", max_retries: 3 }] },
        observability_name: "app",
      },
    ],
  });

/** The endpoint's metadata as Envoy 1.40 prints them. */
const named = ({ address, hostname }: { address: object; hostname?: string }, id: unknown, pod: unknown = "p1") => ({
  endpoint: { address, health_check_config: {}, hostname },
  health_status: "HEALTHY",
  metadata: { filter_metadata: { "envoy.lb": { id, zone: "a" }, "my.own": { pod } } },
  load_balancing_weight: 1,
});

const dump = (...lb_endpoints: object[]) => {
  const endpoint_config = {
    "@type": "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
    cluster_name: "app",
    endpoints: [{ locality: {}, lb_endpoints, load_balancing_weight: 0 }],
  };
  return JSON.stringify({ configs: [{ "@type": "x", static_endpoint_configs: [{ endpoint_config }] }] });
};

/** Between the two pages. */
const PAGE_BREAK = "\f";

/**
 * An input: a character that chooses the configuration, the session's cookie (none: as the filter
 * wrote it last); who serves; the status of the admin pages (`-`: the call fails); the page, and
 * behind a page break the one of the metadata, where it is asked for.
 */
const input = (configuration: number, cookie: string, served: string, status: string, said: string) =>
  Buffer.from(`${configuration}${[cookie, served, status, said].join("\n")}`, "latin1");

const SEEDS = [
  input(0, "", "127.0.0.1:8001", "200", page(S1, S2)),
  input(1, "", "127.0.0.1:8002", "200", page(S1, host("127.0.0.1", 8002, "S2", { failed_active_health_check: true }))),
  input(
    1,
    "S2!aaaaa!bbbbb",
    "127.0.0.1:8001",
    "200",
    page(host("::1", 8003, "S3", { failed_outlier_check: true }), S1),
  ),
  input(2, "abc", "[::1]:8003", "200", page(S2, host("::1", 8003, "S2", { pending_dynamic_removal: true }))),
  input(2, "", "127.0.0.1:8002", "200", page({ address: { pipe: { path: "@x" } }, weight: 1 }, S2)),
  input(3, "", "127.0.0.1:8001", "200", [page(S1, S2), dump(named(S1, "a"), named(S2, "b"))].join(PAGE_BREAK)),
  input(
    3,
    "a",
    "127.0.0.1:8002",
    "200",
    [page(S1, S2), dump(named(S2, 7, true), named(S1, "a", "p2"))].join(PAGE_BREAK),
  ),
  input(3, "b", "127.0.0.1:8001", "200", [page(S1, S2), dump(named(S1, ["a"], null))].join(PAGE_BREAK)),
  input(0, "", "127.0.0.1:8002", "503", "no healthy upstream"),
  input(0, "", "127.0.0.1:8002", "-", ""),
];

const TOKENS = [
  ...["{", "}", "[", "]", ",", ":", '"', "\\", "\\u", "\\ud800", "\n200\n", "\n-\n", "true", "-1", "4294967296"],
  ...['"name":"app"', '"host_statuses":[', '"address":', '"socket_address":{', '"port_value":', '"weight":'],
  ...[
    "\f",
    '"configs":[{',
    '"static_endpoint_configs":[{',
    '"endpoint_config":{',
    '"endpoints":[{',
    '"lb_endpoints":[',
  ],
  ...[
    '"endpoint":{',
    '"metadata":{"filter_metadata":{',
    '"envoy.lb":{',
    '"id":',
    '"my.own":{"pod":',
    JSON.stringify(named(S1, 1)),
  ],
  ...['"hostname":"S1"', '"hostname":"', '"health_status":{', '"eds_health_status":"DRAINING"', '"TIMEOUT"'],
  ...["127.0.0.1:8001", "127.0.0.1:8002", "::1", "[::1]:8003", "S1", "S2!", "\n"],
  ...[JSON.stringify(S1), JSON.stringify(S2), "a".repeat(80)],
];

export const admin: WasmTarget = {
  name: "admin",
  about: "Envoy's admin pages, or whoever answers in their place",
  seeds: SEEDS,
  tokens: TOKENS,
  lifetime: 5_000,
  memory: 2_000_000,
  begin(vm, calls) {
    const clients = CONFIGURATIONS.map((configuration, i) => {
      const name = `p${i}`;
      const plugin = vm.startPlugin({ name, rootId: name, configuration: structBytes({ name, ...configuration }) });
      return new Client(plugin);
    });
    return (input, time) => {
      const [cookie = "", served = "", status = "", ...rest] = input.toString("latin1", 1).split("\n");
      const client = clients[(input[0] ?? 0) % clients.length]!;
      return client.visit(cookie, served, () => tell(calls, time, status, rest.join("\n")));
    };
  },
};

/** Lets the next poll come, answers it, and lets the workers follow. */
function tell(calls: WaitingCall[], time: FilterTime, status: string, said: string): void {
  const [first = "", second = ""] = said.split(PAGE_BREAK);
  time.pass(1000);
  for (let call = calls.shift(); call !== undefined; call = calls.shift()) {
    if (status === "-") call.respond({ ok: false, details: "fuzz" });
    else {
      const headers = fields("response", [[":status", status]]);
      call.respond({
        ok: true,
        headers,
        body: bytes(call.path.startsWith("/config_dump") ? second : first),
        trailers: fields("trailers", []),
      });
    }
  }
  time.pass(100);
}

/** Comes back with the cookie that it got last. */
class Client {
  #cookie = "";

  constructor(private readonly plugin: Plugin) {}

  /** The endpoints change while the request is under way. @returns what the filter did */
  visit(cookie: string, served: string, change: () => void): string {
    const stream = new TestStream([
      [":authority", "app.example"],
      [":path", "/"],
      [":method", "GET"],
      ["cookie", `SERVERID=${cookie || this.#cookie}`],
    ]);
    for (const [name, value] of Object.entries(ATTRIBUTES)) stream.properties.set(name, bytes(value));
    stream.properties.set("upstream.address", bytes(served));
    const filtered = this.plugin.createStream(stream);
    filtered.onRequestHeaders(true);
    change();
    const response = fields("response", [[":status", "200"]]);
    response.add("x-limpet-upstream", Buffer.from(served, "latin1").toString("base64"));
    stream.maps["response headers"] = response;
    filtered.onResponseHeaders(true);
    filtered.end();
    const written = response.get("set-cookie") ?? "";
    this.#cookie = /^SERVERID=([^;]*)/.exec(written)?.[1] ?? this.#cookie;
    return `${shown(stream.headers("request")!.fields)}\n${shown(response.fields)}\n${stream.events}`;
  }
}

const ATTRIBUTES = {
  "source.address": "192.0.2.10:50123",
  "request.scheme": "http",
  "xds.cluster_name": "app",
  "response.code_details": "via_upstream",
};

const shown = (list: readonly HeaderField[]) => list.map(([name, value]) => `${name}: ${value}`).join("\n");
