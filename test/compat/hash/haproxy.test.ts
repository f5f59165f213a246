/** HAProxy's `balance source`, `balance hdr()` and `balance hash` with every `hash-type`: the same clients on the same servers. */
import { afterAll, beforeAll, test } from "vitest";
import { against } from "../peers/available.js";
import { startHaproxy } from "../peers/haproxy.js";
import type { Peer } from "../peers/process.js";
import { ADDRESS_CLIENTS, KEY_CLIENTS } from "./agreement.js";
import type { HashRule } from "./limpet.js";
import { drained, MOST_SERVERS, Network, numbered, type Pool, pools, withDead } from "./pools.js";
import { agreements, agreementThroughEngines, door, expectSameFailover, type Method } from "./suite.js";

const network = await Network.find(78);
const POOLS = pools(network);
const BIGGEST_DOWN = POOLS[0]!;
const BIGGEST = POOLS[1]!;
const NUMBERED = numbered(POOLS.find(({ name }) => name === "5-unequal")!);
const FEW = [BIGGEST_DOWN, drained(BIGGEST), NUMBERED, ...POOLS.filter(({ name }) => name === "3")];
const ALL = [...POOLS, drained(BIGGEST), NUMBERED];
const FAILING = withDead(BIGGEST, network, ["S5"]);

const METHODS: Method[] = [...ofAddresses(), ...ofKeys()];

function ofAddresses(): Method[] {
  const source = { client_ip: {}, algorithm: "haproxy_source" };
  const consistent = { client_ip: {}, algorithm: "haproxy_consistent" };
  const rows: [title: string, rule: HashRule, pools: Pool[]][] = [
    ["source, map-based", source, ALL],
    ["source, map-based sdbm avalanche", { ...source, avalanche: true }, ALL],
    ["source, consistent", consistent, ALL],
    ["source, consistent djb2", { ...consistent, avalanche: false }, FEW],
    ["hash src, consistent wt6", { ...consistent, balance: "hash", function: "wt6" }, FEW],
    ["hash src, map-based", { client_ip: {}, algorithm: "haproxy_hash" }, FEW],
  ];
  return rows.map(([title, rule, pools]) => ({ title, rule, clients: ADDRESS_CLIENTS, pools }));
}

function ofKeys(): Method[] {
  const map = { header: "X-Key", algorithm: "haproxy_hash" };
  const consistent = { header: "X-Key", algorithm: "haproxy_consistent" };
  const rows: [type: string, rule: HashRule, pools: Pool[]][] = [
    ["map-based", map, ALL],
    ["consistent", consistent, ALL],
  ];
  for (const name of ["sdbm", "djb2", "wt6", "crc32"]) {
    for (const [modifier, options] of [
      ["", { function: name }],
      [" avalanche", { function: name, avalanche: true }],
    ] as const) {
      rows.push([`map-based ${name}${modifier}`, { ...map, ...options }, FEW]);
      rows.push([`consistent ${name}${modifier}`, { ...consistent, ...options }, FEW]);
    }
  }
  return rows.map(([type, rule, pools]) => ({ title: `hdr(x-key), ${type}`, rule, clients: KEY_CLIENTS, pools }));
}

await against("haproxy", "hash", (program) => {
  let haproxy: Peer;
  beforeAll(async () => {
    haproxy = await startHaproxy(program, sections(), door(METHODS[0]!, POOLS[0]!));
  });
  afterAll(() => haproxy?.stop());

  agreements(() => haproxy, METHODS);
  // The functions differ in the filter only.
  const different = METHODS.filter(({ pools }) => pools === ALL);
  agreementThroughEngines(different, [BIGGEST_DOWN]);

  const ring = METHODS.filter(({ title }) => title.endsWith(", consistent"));
  test.each(ring)("$title: the same server stands in for one that refuses", async (method) => {
    await expectSameFailover(haproxy, method, FAILING.pool, FAILING.dead);
  });
});

/** The servers, and for each method and pool a proxy with a door for X-Forwarded-For and one for PROXY. */
function sections(): string {
  const servers = Array.from({ length: MOST_SERVERS }, (_, index) => network.server(index));
  const frontends = servers.map(({ id, address }) => {
    return `frontend ${id}\n  bind ${address}\n  http-request return status 200 content-type text/plain string "${id};"`;
  });
  const proxies = METHODS.flatMap((method) => [...method.pools, FAILING.pool].map((pool) => listen(method, pool)));
  return [...frontends, ...proxies].join("\n");
}

function listen(method: Method, pool: Pool): string {
  const [balance, hashType] = method.title.split(", ");
  const servers = pool.servers.map(({ id, address, weight, state, number }) => {
    const options = [`weight ${state === "drain" ? 0 : weight}`];
    if (state === "down") options.push("disabled");
    if (number !== undefined) options.push(`id ${number}`);
    return `  server ${id} ${address} ${options.join(" ")}`;
  });
  const name = door(method, pool);
  return [
    `listen ${name}`,
    `  bind unix@{dir}/${name}.sock`,
    `  bind unix@{dir}/${name}-proxy.sock accept-proxy`,
    "  http-request set-src hdr(x-forwarded-for) if { req.hdr(x-forwarded-for) -m found }",
    "  option redispatch 1",
    `  balance ${balance}`,
    `  hash-type ${hashType}`,
    ...servers,
  ].join("\n");
}
