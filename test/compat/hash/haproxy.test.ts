/** HAProxy's `balance source`, `balance hdr()` and `balance hash` with every `hash-type`: the same clients on the same servers. */
import { afterAll, beforeAll, test } from "vitest";
import { against } from "../peers/available.js";
import { startHaproxy } from "../peers/haproxy.js";
import type { Peer } from "../peers/process.js";
import { ADDRESS_CLIENTS, type Client, expectAgreement, KEY_CLIENTS, servedAt } from "./agreement.js";
import { type HashRule, Limpet } from "./limpet.js";
import { drained, MOST_SERVERS, Network, numbered, type Pool, pools } from "./pools.js";

interface Method {
  balance: string;
  hashType: string;
  rule: HashRule;
  clients: Client[];
  pools: Pool[];
}

const network = await Network.find();
const limpet = await Limpet.load();
const ALL = pools(network);
const BIGGEST = ALL.at(-2)!;
ALL.push(drained(BIGGEST));
const SOME = [...ALL.slice(-5), ALL.find(({ name }) => name === "3")!];
const NUMBERED = numbered(ALL.find(({ name }) => name === "5-unequal")!);

const METHODS: Method[] = [...ofAddresses(), ...ofKeys()];

function ofAddresses(): Method[] {
  const source = { balance: "source", clients: ADDRESS_CLIENTS };
  const consistent = { client_ip: {}, algorithm: "haproxy_consistent" };
  return [
    { ...source, hashType: "map-based", rule: { client_ip: {}, algorithm: "haproxy_source" }, pools: ALL },
    {
      ...source,
      hashType: "map-based sdbm avalanche",
      rule: { client_ip: {}, algorithm: "haproxy_source", avalanche: true },
      pools: ALL,
    },
    { ...source, hashType: "consistent", rule: consistent, pools: [...ALL, NUMBERED] },
    { ...source, hashType: "consistent djb2", rule: { ...consistent, avalanche: false }, pools: SOME },
    {
      balance: "hash src",
      hashType: "consistent wt6",
      rule: { ...consistent, balance: "hash", function: "wt6" },
      clients: ADDRESS_CLIENTS,
      pools: SOME,
    },
  ];
}

function ofKeys(): Method[] {
  const key = { header: "X-Key" };
  const types: [hashType: string, rule: HashRule, pools: Pool[]][] = [
    ["map-based", { ...key, algorithm: "haproxy_hash" }, ALL],
    ["consistent", { ...key, algorithm: "haproxy_consistent" }, [...ALL, NUMBERED]],
  ];
  for (const name of ["sdbm", "djb2", "wt6", "crc32"]) {
    for (const avalanche of [false, true]) {
      const modifier = avalanche ? " avalanche" : "";
      const options = { ...key, function: name, ...(avalanche ? { avalanche } : {}) };
      types.push([`map-based ${name}${modifier}`, { ...options, algorithm: "haproxy_hash" }, SOME]);
      types.push([`consistent ${name}${modifier}`, { ...options, algorithm: "haproxy_consistent" }, SOME]);
    }
  }
  return types.map(([hashType, rule, pools]) => {
    return { balance: "hdr(x-key)", hashType, rule, clients: KEY_CLIENTS, pools };
  });
}

/** The servers, and for each method and pool a proxy that takes the address from X-Forwarded-For. */
function sections(): string {
  const servers = Array.from({ length: MOST_SERVERS }, (_, index) => network.server(index));
  const frontends = servers.map(({ id, address }) => {
    return `frontend ${id}\n  bind ${address}\n  http-request return status 200 content-type text/plain string "${id};"`;
  });
  return [...frontends, ...METHODS.flatMap((method) => method.pools.map((pool) => listen(method, pool)))].join("\n");
}

/** Name of the socket of a method and pool. */
function door({ balance, hashType }: Method, pool: Pool): string {
  return `${balance}-${hashType}-${pool.name}`.replace(/[^a-z0-9-]/g, "-");
}

function listen(method: Method, pool: Pool): string {
  const name = door(method, pool);
  const servers = pool.servers.map(({ id, address, weight, state, number }) => {
    const options = [`weight ${state === "drain" ? 0 : weight}`];
    if (state === "down") options.push("disabled");
    if (number !== undefined) options.push(`id ${number}`);
    return `  server ${id} ${address} ${options.join(" ")}`;
  });
  return [
    `listen ${name}`,
    `  bind unix@{dir}/${name}.sock`,
    "  http-request set-src hdr(x-forwarded-for)",
    `  balance ${method.balance}`,
    `  hash-type ${method.hashType}`,
    ...servers,
  ].join("\n");
}

await against("haproxy", "hash", (program) => {
  let haproxy: Peer;
  beforeAll(async () => {
    haproxy = await startHaproxy(program, sections(), door(METHODS[0]!, METHODS[0]!.pools[0]!));
  });
  afterAll(() => haproxy?.stop());

  for (const method of METHODS) {
    const { balance, hashType, rule, clients, pools } = method;
    test(`balance ${balance}, hash-type ${hashType}: ${clients.length} clients over ${pools.length} sets of servers`, async () => {
      for (const pool of pools) {
        const served = await servedAt(haproxy.socket(door(method, pool)), clients);
        expectAgreement(pool, clients, limpet.proposals(pool, rule, clients), served);
      }
    });
  }
});
