/** Streams: a request and its response, as a client and a backend may send them. */
import { structBytes } from "../../../host-sim/envoy-config/struct-bytes.js";
import { parseKeys } from "../../../host-sim/tokens/keys.js";
import { sealToken } from "../../../host-sim/tokens/sealed-token.js";
import type { HeaderField, HttpCallResult, Plugin } from "../../../host-sim/wasm-host/index.js";
import { bytes, fields, TestStream } from "../../wasm-host/harness.js";
import { type FilterTime, KEYS, type WaitingCall } from "../life.js";
import type { WasmTarget } from "./target.js";

const SERVERS = ["S1", "S2", "S3"].map((id, i) => ({ id, address: `127.0.0.1:800${i + 1}` }));
const HEADER = "x-limpet-upstream";
const CLUSTER = "app";

type Rule = Record<string, unknown>;
const listed = (...rules: Rule[]) => ({ servers: SERVERS, rules });
const unlisted = (...rules: Rule[]) => ({ rules });
const overridden = <C extends object>(configuration: C) => ({
  ...configuration,
  handoff: { override_host: { header: HEADER } },
});

/**
 * An input: a character that chooses the configuration, then lines; the path, request headers, an
 * empty line, response headers. A name that begins with `@` sets an attribute of Envoy's instead.
 */
const input = (configuration: number, ...lines: string[]) =>
  Buffer.from(`${String.fromCharCode(0x30 + configuration)}${lines.join("\n")}`, "latin1");

interface StreamTarget {
  name: string;
  about: string;
  configurations: object[];
  seeds: Buffer[];
  tokens: string[];
  memory?: number;
}

const ATTRIBUTES = [
  "\n@from: 192.0.2.7:99",
  "\n@host: ",
  "\n@details: no_healthy_upstream",
  "\n@cluster: ",
  "\n\n",
  "\n",
];

const STREAM_TARGETS: StreamTarget[] = [
  {
    name: "cookies",
    about: "Cookie lines: pin in its modes, route, hash and learn by a cookie",
    configurations: [
      listed({ pin: { cookie: { name: "SERVERID", value: "server_id" } } }),
      listed({ pin: { cookie: { name: "SERVERID", value: "keyed", key: "secret" } } }),
      listed({ pin: { cookie: { name: "SESSION", mode: "prefix", value: "server_id" } } }),
      listed({ route: { cookie: "route", id: "after_last" } }, { hash: { cookie: "JSESSIONID" } }),
      listed(
        { pin: { cookie: { name: "A", value: "server_id", indirect: false } } },
        { pin: { cookie: { name: "B", value: "server_id", max_idle: "30m", max_life: "8h" } } },
        { hash: { cookie_prefix: "JS", algorithm: "maglev", table_size: 251 } },
      ),
    ],
    seeds: [
      input(0, "/", "cookie: a=1; SERVERID=S2; $Path=/; b=2"),
      input(1, "/", "cookie: SERVERID=8a1bd3b6c0a1f6e3; x=y", "cookie: SERVERID=S1"),
      input(2, "/", "cookie: SESSION=S2~abc; theme=dark", "", "set-cookie: SESSION=def; Path=/"),
      input(3, "/", "cookie: route=xyz.S3; JSESSIONID=0123456789"),
      input(4, "/", "cookie: A=S1; B=S2!aaaaa!bbbbb", "user-agent: Mozilla/5.0 Chrome/60.0", "cookie: JSE=1"),
    ],
    tokens: [
      "\ncookie: ",
      "SERVERID=",
      "SESSION=",
      "S1",
      "S2~",
      "; ",
      ";",
      "=",
      "route=a.S1",
      "A=",
      "B=S1!",
      "$Path",
      '"',
    ],
  },
  {
    name: "set-cookie",
    about: "Set-Cookie lines and caching headers of a response",
    configurations: [
      listed({ pin: { cookie: { name: "SERVERID", value: "server_id", preserve: true } } }),
      listed({ pin: { cookie: { name: "SESSION", mode: "rewrite", value: "server_id" } } }),
      listed({ pin: { cookie: { name: "SESSION", mode: "prefix", value: "sealed" } } }),
      listed({
        learn: { create: [{ cookie: "JSESSIONID" }, { cookie_prefix: "JS" }], lookup: { cookie: "JSESSIONID" } },
      }),
      listed({
        pin: { cookie: { name: "SERVERID", value: "server_id", same_site: "auto", expires: true, max_age: "1h" } },
      }),
    ],
    seeds: [
      input(0, "/", "", "set-cookie: SERVERID=app; Path=/; HttpOnly", "cache-control: public, max-age=60"),
      input(1, "/", "cookie: SESSION=S1", "", "set-cookie: SESSION=abc; Expires=Wed, 21 Oct 2026 07:28:00 GMT"),
      input(2, "/", "", "set-cookie: a=b", "set-cookie: SESSION=abc; Max-Age=0", "expires: 0"),
      input(
        3,
        "/",
        "",
        "set-cookie: JSESSIONID=abcdef; Max-Age=3600; Path=/x",
        "set-cookie: JS1=; expires=Thu, 01-Jan-1970",
      ),
      input(
        4,
        "/",
        "user-agent: iPhone OS 12_",
        "x-forwarded-proto: https",
        "",
        "cache-control: no-store",
        ":status: 304",
      ),
    ],
    tokens: [
      "\nset-cookie: ",
      "SESSION=",
      "JSESSIONID=",
      "; Expires=",
      "; Max-Age=",
      "GMT",
      "cache-control: ",
      "private",
      ",",
      "-1",
    ],
  },
  {
    name: "uri",
    about: "path and query parameters, conditions on method and path",
    configurations: [
      listed({ pin: { query: { name: "sid", value: "server_id", response_header: "X-Session" } } }),
      listed({ pin: { path: { name: "sid", value: "server_id", response_header: "X-Session" } } }),
      listed({ route: { first_of: [{ path: "jsessionid" }, { query: "sid" }], id: "before_first", separator: "!" } }),
      listed({ when: { method: ["POST", "GET"], path_suffix: ".do" }, hash: { query: "u", algorithm: "nginx_hash" } }),
      listed({ pin: { query: { name: "sid", value: "sealed", response_header: "X-Session" } } }),
    ],
    seeds: [
      input(0, "/shop?a=1&sid=S2&b=3"),
      input(1, "/shop;sid=S2;x=y/list?q=1"),
      input(2, "/a;jsessionid=S1!abc?sid=S3!x"),
      input(3, "/x.do?u=12&u=13", ":method: POST"),
      input(4, "/?sid=AQ", "@scheme: https"),
    ],
    tokens: ["?", "&", ";", "sid=", "jsessionid=", "S1", "=", "/", "%", "#", ".do", "u="],
  },
  {
    name: "tokens",
    about: "sealed tokens: as text, and what opens after it was sealed with the filter's keys",
    configurations: [
      listed({ pin: { cookie: { name: "SERVERID", max_idle: "30m", max_life: "8h" } } }),
      unlisted({ pin: { cookie: { name: "SERVERID" } } }),
      overridden(unlisted({ pin: { cookie: { name: "SERVERID" } } })),
      overridden(listed({ pin: { cookie: { name: "SERVERID", mode: "rewrite" } } })),
    ],
    seeds: [
      input(0, "/", "@token: 0\0\xf1\x53\x65\0\xf1\x53\x65S2"),
      input(1, "/", "@token: 0\0\xf1\x53\x65\0\xf1\x53\x65127.0.0.1:8002"),
      input(2, "/", "@token: 3\0\xf1\x53\x65\0\xf1\x53\x65[2001:db8::1]:80"),
      input(3, "/", "@token: 1\0\xf1\x53\x65\0\xf1\x53\x65S3", "", "set-cookie: SERVERID=x"),
      input(0, "/", `cookie: SERVERID=AQ${"A".repeat(78)}`),
      input(0, "/", `cookie: SERVERID=AQ${"_".repeat(65)}-`),
    ],
    tokens: [
      "\n@token: ",
      "\0\xf1\x53\x65",
      "127.0.0.1:",
      "[::1]:",
      "[2001:db8:",
      "65535",
      "S1",
      "A".repeat(67),
      "-_",
      "\xff\xff\xff\xff",
    ],
    memory: 1_500_000,
  },
  {
    name: "learn",
    about: "the table of learned sessions: ids that clients and backends tell",
    configurations: [
      listed({ learn: { create: { cookie: "SID" }, lookup: { cookie: "SID" }, size: "64KiB", timeout: "10s" } }),
      listed({
        learn: {
          create: { header: "x-session" },
          lookup: [{ header: "x-session" }, { query: "s" }],
          length: 8,
          size: "64KiB",
        },
      }),
      listed({ learn: { lookup: { path: "s" }, request_learn: true, entries: 500, max_life: "20s", repoint: false } }),
    ],
    seeds: [
      input(0, "/", "", "set-cookie: SID=abc"),
      input(0, "/", "cookie: SID=abc"),
      input(1, "/?s=abcdefghijkl", "", "x-session: abcdefghijkl", "@host: 127.0.0.1:8002"),
      input(2, "/;s=1", "@details: via_upstream"),
      input(2, "/;s=2", "", "@host: 127.0.0.1:8003", "x-limpet-upstream: MTI3LjAuMC4xOjgwMDI="),
    ],
    tokens: ["SID=", "\nset-cookie: SID=", "\nx-session: ", ";s=", "?s=", "abc", "@host: 127.0.0.1:8001"],
  },
  {
    name: "sessions",
    about: "sessions that are counted, drained and moved, by the dates in their tokens; the verdict",
    configurations: [
      {
        ...listed({ pin: { cookie: { name: "SERVERID", max_idle: "30m" } } }),
        gauges: { sessions: true, idle: "10m", in_flight: true },
        verdict: { line: true, parts: true, request_header: "x-limpet" },
      },
      {
        servers: SERVERS.map((server, i) => (i === 1 ? { ...server, state: "drain" } : server)),
        rules: [{ pin: { cookie: { name: "SERVERID", max_idle: "30m", max_life: "8h" } } }],
        drain: { deadline: "10m", spread: "2m" },
      },
      {
        ...listed({ pin: { cookie: { name: "SERVERID", value: "server_id", max_idle: "30m" } } }),
        rebalance: { sessions_per_minute: 600, idle: "5s", bound: 1.1 },
        gauges: {},
      },
    ],
    seeds: [
      input(0, "/", "@token: 4\0\0\0\0\0\0\0\0S2", "x-limpet: rule=forged"),
      input(1, "/", "@token: 4\x7f\x7f\0\0\0\0\0\0S2"),
      input(2, "/", "cookie: SERVERID=S1!aaaaa!bbbbb"),
      input(2, "/", "cookie: a=1", "", "@host: 127.0.0.1:8002"),
    ],
    tokens: ["\n@token: ", "4\0\0", "\xff", "S1", "S2!", "!", "SERVERID=", "\nx-limpet: "],
  },
  {
    name: "unavailable",
    about: "servers that fail, and applications that end or move sessions",
    configurations: [
      {
        ...listed({
          pin: { cookie: { name: "SERVERID", value: "server_id" } },
          on_unavailable: { detour: { hold: "2s" } },
        }),
        unpin: { header: "x-unpin", status: [401, 410] },
      },
      {
        ...overridden(
          listed(
            { pin: { cookie: { name: "SERVERID" } }, on_unavailable: "refuse", redispatch_after: 2 },
            { route: { header: "x-server-id" }, on_unavailable: "detour" },
          ),
        ),
        unpin: { header: "x-unpin" },
      },
      {
        ...unlisted({ pin: { cookie: { name: "SERVERID" } }, on_unavailable: { refuse: { status: 599, hold: "1s" } } }),
        unpin: { status: 403 },
      },
    ],
    seeds: [
      input(0, "/", "cookie: SERVERID=S2", "", "x-unpin: S1", "@host: 127.0.0.1:8002"),
      input(0, "/", "cookie: SERVERID=S2", "@details: no_healthy_upstream", "", ":status: 503"),
      input(1, "/", "@token: 4\0\0\0\0\0\0\0\0S2", "@details: upstream_reset_before_response_started{x}", "@host: "),
      input(1, "/", "x-server-id: S3", "", "x-unpin: 127.0.0.1:8001"),
      input(2, "/", "@token: 5\0\0\0\0\0\0\0\x00127.0.0.1:8002", "", ":status: 403", "@host: 127.0.0.1:8003"),
    ],
    tokens: [
      "\nx-unpin: ",
      "\n:status: 401",
      ":status: 403",
      "@details: upstream_reset{",
      "{overflow}",
      "SERVERID=",
      "S1",
    ],
  },
  {
    name: "store",
    about: "what Redis, or whoever answers in its place, says of a session",
    configurations: [
      listed({
        learn: {
          create: { cookie: "SID" },
          lookup: { cookie: "SID" },
          size: "64KiB",
          store: { cluster: "webdis", ttl: "1h", circuit: { failures: 1000, open: "1s" } },
        },
      }),
    ],
    seeds: [
      input(0, "/", "", "set-cookie: SID=abc", '@store: {"SETEX":[true,"OK"]}'),
      input(0, "/", "cookie: SID=xyz", '@store: {"GET":"<last>"}'),
      input(0, "/", "cookie: SID=uvw", '@store: {"result":"<last>"}'),
      input(0, "/", "cookie: SID=1", '@store: {"error":"OOM command not allowed"}', "@status: 500"),
      input(0, "/", "cookie: SID=2", "@status: -"),
    ],
    tokens: [
      "\n@store: ",
      "\n@status: ",
      '{"GETEX":',
      "<last>",
      "null",
      '"',
      "{",
      "}",
      "[true,",
      "[false,",
      "cookie: SID=",
    ],
  },
  {
    name: "envoy",
    about: "what Envoy tells: addresses, attributes, who served, in both hand-offs",
    configurations: [
      listed({ hash: { client_ip: { ipv4_prefix: 24, ipv6_prefix: 64 } } }),
      overridden(listed({ hash: { client_ip: {}, algorithm: "nginx_ip_hash" } })),
      listed({ hash: { client_ip: {}, algorithm: "haproxy_source", max_load: 1.25 } }),
      {
        policy_from: "xds.cluster_name",
        policies: { app: listed({ route: { header: "x-server-id" } }), other: listed({ hash: { property: "a.b" } }) },
      },
      listed(
        {
          cluster: { route_header: "x-cluster", clusters: ["blue", "app"], cookie: { name: "R", value: "server_id" } },
        },
        { pin: { header: { name: "mcp-session-id", mode: "prefix" } } },
      ),
      unlisted({ pin: { header: { name: "x-token", indirect: false } } }),
    ],
    seeds: [
      input(0, "/", "@from: [2001:db8::1]:80"),
      input(1, "/", "@from: 192.0.2.1:80", "", "@host: 127.0.0.1:8002"),
      input(2, "/", "@from: [::ffff:192.0.2.1]:80", "", "x-limpet-upstream: MTI3LjAuMC4xOjgwMDI="),
      input(3, "/", "x-server-id: S2", "@cluster: other", "@a.b: x", "x-limpet-upstream: forged"),
      input(4, "/", "cookie: R=blue", "mcp-session-id: S1~abc", "", "mcp-session-id: def"),
      input(5, "/", "", "x-limpet-upstream: MTAuMC4wLjE6ODA="),
    ],
    tokens: [
      ...ATTRIBUTES,
      "[",
      "]:",
      "::",
      ":ffff:",
      "0x",
      "256",
      "%eth0",
      "x-limpet-upstream: ",
      "MTI3",
      "=",
      "~",
      "@a.b: ",
    ],
    memory: 1_500_000,
  },
];

export const streams: WasmTarget[] = STREAM_TARGETS.map(
  ({ name, about, configurations, seeds, tokens, memory = 524_288 }) => ({
    name,
    about,
    seeds,
    tokens: [...tokens, ...ATTRIBUTES],
    lifetime: 20_000,
    memory,
    begin(vm, calls) {
      const plugins = configurations.map((configuration, i) =>
        vm.startPlugin({
          name: `${i}`,
          rootId: `${i}`,
          configuration: structBytes({ name: `p${i}`, ...configuration }),
        }),
      );
      const store = new Store(calls);
      return (input, time) => {
        const chosen = (input[0] ?? 0) % plugins.length;
        return visit(plugins[chosen]!, `p${chosen}`, input.toString("latin1", 1).split("\n"), time, store);
      };
    },
  }),
);

interface StoreReply {
  /** `<last>` stands for the value that the filter stored last; the default is what Redis says where nothing is. */
  body?: Uint8Array;
  /** Of HTTP; `-`: the call fails. */
  status?: Uint8Array;
}

/** Plays Redis behind HTTP: says what the input says, to every command. */
class Store {
  #last = "";

  constructor(private readonly calls: WaitingCall[]) {}

  answer({ body, status }: StoreReply): void {
    for (let call = this.calls.shift(); call !== undefined; call = this.calls.shift()) {
      const [, stored] = /\/SETEX\/.*\/([^/]+)$/.exec(call.path) ?? [];
      const said = Buffer.from(body ?? bytes('{"GET":null}')).toString("latin1");
      const code = Buffer.from(status ?? bytes("200")).toString("latin1");
      const result: HttpCallResult = {
        ok: true,
        headers: fields("response", [[":status", code]]),
        body: bytes(said.replace("<last>", this.#last)),
        trailers: fields("trailers", []),
      };
      this.#last = stored ?? this.#last;
      call.respond(code === "-" ? { ok: false, details: "fuzz" } : result);
    }
  }
}

const USUAL: readonly (readonly [string, Uint8Array])[] = [
  ["source.address", bytes("192.0.2.10:50123")],
  ["request.scheme", bytes("http")],
  ["xds.cluster_name", bytes(CLUSTER)],
  ["response.code_details", bytes("via_upstream")],
];

/** Plays Envoy for one stream. @returns everything that the filter changed or told */
function visit(plugin: Plugin, policy: string, lines: string[], time: FilterTime, store: Store): string {
  const [path = "", ...rest] = lines;
  const gap = rest.indexOf("");
  const stream = new TestStream([
    [":authority", "app.example"],
    [":path", path],
    [":method", "GET"],
    [":scheme", "http"],
  ]);
  const attributes = stream.properties;
  for (const [name, value] of USUAL) attributes.set(name, value);
  const request = stream.headers("request")!;
  for (const [name, value] of told(stream, gap < 0 ? rest : rest.slice(0, gap))) {
    if (name === "@token") request.add("cookie", `SERVERID=${sealed(value, policy, time)}`);
    else if (name.startsWith(":")) request.replace(name, value);
    else request.add(name, value);
  }
  const reply = { body: attributes.get("store"), status: attributes.get("status") };
  const filtered = plugin.createStream(stream);
  filtered.onRequestHeaders(true);
  store.answer(reply);

  const asked = request.get(HEADER);
  const response = fields("response", [[":status", "200"]]);
  for (const [name, value] of told(stream, gap < 0 ? [] : rest.slice(gap + 1))) {
    if (name.startsWith(":")) response.replace(name, value);
    else response.add(name, value);
  }
  if (asked === undefined && response.get(HEADER) === undefined) response.add(HEADER, "MTI3LjAuMC4xOjgwMDE=");
  stream.maps["response headers"] = response;
  filtered.onResponseHeaders(true);
  store.answer(reply);
  filtered.end();
  store.answer(reply);
  return `${shown(request.fields)}\n${shown(response.fields)}\n${attributes.get("limpet")}\n${stream.events}`;
}

/** The header lines; those that tell an attribute are told. */
function told(stream: TestStream, lines: string[]): HeaderField[] {
  const headers: HeaderField[] = [];
  for (const line of lines) {
    const colon = line.indexOf(":", 1);
    if (colon < 0) continue;
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    const attribute = ATTRIBUTE[name];
    if (attribute !== undefined) stream.properties.set(attribute, bytes(value));
    else headers.push([name, value]);
  }
  return headers;
}

const ATTRIBUTE: Record<string, string> = {
  "@from": "source.address",
  "@host": "upstream.address",
  "@details": "response.code_details",
  "@cluster": "xds.cluster_name",
  "@scheme": "request.scheme",
  "@a.b": "a.b",
  "@store": "store",
  "@status": "status",
};

const TOKEN_KEYS = parseKeys(KEYS);
const ENDPOINT = /^(\d{1,3}(\.\d{1,3}){3}|\[[\da-f]{1,4}(:[\da-f]{1,4}){7}\]|\[::1\]):\d{1,5}$/;

/** A token that says what the bytes tell: flags (force, the older key), since, last use, server. */
function sealed(said: string, policy: string, time: FilterTime): string {
  const claims = Buffer.from(said.padEnd(9, "\0"), "latin1");
  const server = claims.toString("latin1", 9);
  const isEndpoint = ENDPOINT.test(server) && Number(server.slice(server.lastIndexOf(":") + 1)) < 65536;
  const flags = claims[0]!;
  const [old, force] = [(flags & 2) !== 0, (flags & 1) !== 0];
  const now = (flags & 4) !== 0;
  return sealToken(
    {
      server: isEndpoint ? server : server.replace(/[^\x20-\x7e]/g, "").slice(0, 16),
      isEndpoint,
      incarnation: 0,
      since: now ? time.now() - claims[1]! : claims.readUInt32LE(1),
      lastUse: now ? time.now() - claims[2]! : claims.readUInt32LE(5),
      force,
    },
    old ? TOKEN_KEYS.slice(1) : TOKEN_KEYS,
    { parts: ["cookie", "SERVERID", policy, "pin:SERVERID"], cluster: CLUSTER },
    NONCE,
  );
}

const NONCE = Buffer.alloc(12, 7);

const shown = (list: readonly HeaderField[]) => list.map(([name, value]) => `${name}: ${value}`).join("\n");
