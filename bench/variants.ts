/** What is compared: one listener a row, each with its own filters, and the request that is sent to it. */

export interface Variant {
  name: string;
  /** What it is, for people. */
  title: string;
  /** In front of the router. */
  filters: object[];
  /** Of the cluster that it routes to. */
  lbPolicy?: "RING_HASH";
  /** The route's hash policy, for the load balancer. */
  hashPolicy?: object[];
  headers?: Record<string, string>;
  path?: string;
  /** Visited first; the cookies that the answer sets are sent with every request of the load. */
  login?: string;
  /** The load's paths are `/?id=N` for N below this, and each was at `/login?id=N` before. */
  sessions?: number;
}

/** What the table is made from. */
export interface Modules {
  limpet: string;
  empty: string;
  calls: string;
  rust: string;
  assemblyscriptSdk: string;
  /** `ip:port` of S1, S2, S3. */
  servers: string[];
}

const HAND_OFF = "x-limpet-upstream";
const STICKY = { cookie: "theme=dark; SERVERID=S2; lang=en" };
const CLIENT = { cookie: "theme=dark; lang=en" };

/** The variants; the first is what the others are compared with. */
export function variants(modules: Modules): Variant[] {
  const servers = modules.servers.map((address, i) => ({ id: `S${i + 1}`, address }));
  const peer = modules.servers.map((address, i) => `S${i + 1}=${address}`).join(" ");
  let vm = 0;
  const wasm = (file: string, configuration: object, rootId = "") => ({
    name: "wasm",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm",
      config: {
        name: `wasm-${++vm}`,
        root_id: rootId,
        vm_config: {
          vm_id: `vm-${vm}`,
          runtime: "envoy.wasm.runtime.v8",
          code: { local: { filename: file } },
          // One token for all of a run; the same in every variant.
          environment_variables: { key_values: { LIMPET_KEYS: KEY } },
        },
        configuration,
      },
    },
  });
  const struct = (value: object) => ({ "@type": "type.googleapis.com/google.protobuf.Struct", value });
  const text = (value: string) => ({ "@type": "type.googleapis.com/google.protobuf.StringValue", value });
  const limpet = (value: object) => [
    wasm(modules.limpet, struct({ handoff: { stateful_session: { header: HAND_OFF } }, ...value }), "limpet"),
    handOff,
  ];
  // What the peers do: everything but the verdict for access logs.
  const rule = (strategy: object) => limpet({ servers, verdict: false, rules: [strategy] });
  const hash = (algorithm: string, more: object = {}) => rule({ hash: { client_ip: {}, algorithm, ...more } });
  const cookie = (value: string) => ({ pin: { cookie: { name: "SERVERID", value } } });
  const learn = (lookup: object, entries: number) =>
    rule({ learn: { create: { cookie: "JSESSIONID" }, lookup, timeout: "3h", entries } });

  return [
    { name: "none", title: "no filter", filters: [], headers: CLIENT },
    {
      name: "empty-wasm",
      title: "a WebAssembly filter with one empty callback",
      filters: [wasm(modules.empty, text(""))],
      headers: CLIENT,
    },
    {
      name: "calls-alone",
      title: "the host calls of cookie-id and nothing else, with the hand-off",
      filters: [wasm(modules.calls, text(Buffer.from(modules.servers[1] ?? "").toString("base64"))), handOff],
      headers: STICKY,
    },
    {
      name: "hand-off-alone",
      title: "Envoy's stateful_session (header): the hand-off alone",
      filters: [handOff],
      headers: { ...CLIENT, [HAND_OFF]: Buffer.from(modules.servers[1] ?? "").toString("base64") },
    },
    {
      name: "envoy-stateful-session",
      title: "Envoy's stateful_session (cookie)",
      filters: [statefulCookie],
      headers: CLIENT,
      login: "/",
    },
    {
      name: "envoy-ring-hash",
      title: "Envoy's ring_hash by cookie",
      filters: [],
      lbPolicy: "RING_HASH",
      hashPolicy: [{ cookie: { name: "JSESSIONID" } }],
      headers: { cookie: "theme=dark; JSESSIONID=0123456789abcdef; lang=en" },
    },
    {
      name: "lua",
      title: "the same as cookie-id in Lua, without counters",
      filters: [lua(servers), handOff],
      headers: STICKY,
    },
    {
      name: "rust-proxy-wasm",
      title: "the same as cookie-id in Rust (proxy-wasm 0.2.2)",
      filters: [wasm(modules.rust, text(`SERVERID ${peer}`)), handOff],
      headers: STICKY,
    },
    {
      name: "assemblyscript-sdk",
      title: "the same as cookie-id on the AssemblyScript SDK",
      filters: [wasm(modules.assemblyscriptSdk, text(`SERVERID ${peer}`), "sticky"), handOff],
      headers: STICKY,
    },
    {
      name: "cookie-id",
      title: "Limpet: pin, cookie with a server id",
      filters: rule(cookie("server_id")),
      headers: STICKY,
    },
    {
      name: "cookie-id-verdict",
      title: "Limpet: cookie-id, and the verdict for access logs",
      filters: limpet({ servers, rules: [cookie("server_id")] }),
      headers: STICKY,
    },
    {
      name: "discovery",
      title: "Limpet: cookie-id, with the servers that Envoy tells of, asked once a second",
      filters: limpet({
        servers: { discover: { admin_cluster: "admin", cluster: "app", interval: "1s" } },
        verdict: false,
        rules: [cookie("server_id")],
      }),
      headers: STICKY,
    },
    {
      name: "cookie-id-first",
      title: "Limpet: cookie-id, first visit",
      filters: rule(cookie("server_id")),
      headers: CLIENT,
    },
    {
      name: "cookie-sealed",
      title: "Limpet: pin, sealed cookie",
      filters: rule(cookie("sealed")),
      headers: CLIENT,
      login: "/",
    },
    {
      name: "cookie-sealed-first",
      title: "Limpet: cookie-sealed, first visit",
      filters: rule(cookie("sealed")),
      headers: CLIENT,
    },
    {
      name: "route",
      title: "Limpet: route by the application's cookie",
      filters: rule({ route: { cookie: "JSESSIONID", id: "after_last" } }),
      headers: { cookie: "theme=dark; JSESSIONID=0123456789abcdef.S2; lang=en" },
    },
    {
      name: "ip-hash",
      title: "Limpet: hash of the client's address, rendezvous",
      filters: hash("rendezvous"),
      headers: CLIENT,
    },
    {
      name: "ip-hash-maglev",
      title: "Limpet: hash of the client's address, maglev",
      filters: hash("maglev"),
      headers: CLIENT,
    },
    {
      name: "ip-hash-nginx",
      title: "Limpet: hash of the client's address, nginx ip_hash",
      filters: hash("nginx_ip_hash"),
      headers: CLIENT,
    },
    {
      name: "ip-hash-haproxy",
      title: "Limpet: hash of the client's address, HAProxy balance source",
      filters: hash("haproxy_source"),
      headers: CLIENT,
    },
    {
      name: "bounded-load",
      title: "Limpet: hash of the client's address, max_load 1.25",
      filters: hash("rendezvous", { max_load: 1.25 }),
      headers: CLIENT,
    },
    {
      name: "learn",
      title: "Limpet: learn, one session",
      filters: learn({ cookie: "JSESSIONID" }, 10_000),
      headers: CLIENT,
      login: "/login?id=0123456789abcdef",
    },
    {
      name: "learn-1m",
      title: "Limpet: learn, 1,000,000 sessions, asked for at random",
      filters: learn({ query: "id" }, 1_200_000),
      headers: CLIENT,
      sessions: 1_000_000,
    },
  ];
}

const KEY = "bench:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

const statefulSession = (name: string, typed: object) => ({
  name: "envoy.filters.http.stateful_session",
  typed_config: {
    "@type": "type.googleapis.com/envoy.extensions.filters.http.stateful_session.v3.StatefulSession",
    session_state: { name, typed_config: typed },
  },
});

const handOff = statefulSession("envoy.http.stateful_session.header", {
  "@type": "type.googleapis.com/envoy.extensions.http.stateful_session.header.v3.HeaderBasedSessionState",
  name: HAND_OFF,
});

const statefulCookie = statefulSession("envoy.http.stateful_session.cookie", {
  "@type": "type.googleapis.com/envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState",
  cookie: { name: "SERVERID", path: "/" },
});

/** The job of cookie-id: the cookie is taken out of the request, the hand-off set, a new cookie written where it must. */
function lua(servers: { id: string; address: string }[]): object {
  const encoded = servers.map(({ id, address }) => ({ id, upstream: Buffer.from(address).toString("base64") }));
  const source = `
local upstreams = {${encoded.map(({ id, upstream }) => `["${id}"]="${upstream}"`).join(",")}}
local ids = {${encoded.map(({ id, upstream }) => `["${upstream}"]="${id}"`).join(",")}}
function envoy_on_request(handle)
  local headers = handle:headers()
  local cookies = headers:get("cookie")
  local upstream = nil
  if cookies ~= nil then
    local kept = {}
    for pair in string.gmatch(cookies, "[^;%s][^;]*") do
      local id = string.match(pair, "^SERVERID=(.*)$")
      if id ~= nil then upstream = upstreams[id] else kept[#kept + 1] = pair end
    end
    if #kept == 0 then headers:remove("cookie") else headers:replace("cookie", table.concat(kept, "; ")) end
  end
  if upstream ~= nil then headers:replace("${HAND_OFF}", upstream) else headers:remove("${HAND_OFF}") end
end
function envoy_on_response(handle)
  local headers = handle:headers()
  local upstream = headers:get("${HAND_OFF}")
  if upstream == nil then return end
  headers:remove("${HAND_OFF}")
  local id = ids[upstream]
  if id ~= nil then
    headers:add("set-cookie", "SERVERID=" .. id .. "; Path=/; HttpOnly; SameSite=Lax")
    headers:replace("cache-control", "private")
  end
end`;
  return {
    name: "envoy.filters.http.lua",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
      default_source_code: { inline_string: source },
    },
  };
}
