/** nginx's `ip_hash`, `hash` and `hash ... consistent`: the same clients on the same servers. */
import { afterAll, beforeAll, test } from "vitest";
import { against } from "../peers/available.js";
import { startNginx } from "../peers/nginx.js";
import type { Peer } from "../peers/process.js";
import { ADDRESS_CLIENTS, type Client, expectAgreement, KEY_CLIENTS, servedAt } from "./agreement.js";
import { type HashRule, Limpet } from "./limpet.js";
import { MOST_SERVERS, Network, type Pool, pools } from "./pools.js";

interface Method {
  name: string;
  /** Line of the `upstream` block. */
  directive: string;
  rule: HashRule;
  clients: Client[];
}

const METHODS: Method[] = [
  {
    name: "ip_hash",
    directive: "ip_hash",
    rule: { client_ip: {}, algorithm: "nginx_ip_hash" },
    clients: ADDRESS_CLIENTS,
  },
  {
    name: "hash-address",
    directive: "hash $binary_remote_addr",
    rule: { client_ip: {}, algorithm: "nginx_hash" },
    clients: ADDRESS_CLIENTS,
  },
  {
    name: "hash-key",
    directive: "hash $http_x_key",
    rule: { header: "X-Key", algorithm: "nginx_hash" },
    clients: KEY_CLIENTS,
  },
  {
    name: "consistent-address",
    directive: "hash $binary_remote_addr consistent",
    rule: { client_ip: {}, algorithm: "nginx_consistent" },
    clients: ADDRESS_CLIENTS,
  },
  {
    name: "consistent-key",
    directive: "hash $http_x_key consistent",
    rule: { header: "X-Key", algorithm: "nginx_consistent" },
    clients: KEY_CLIENTS,
  },
];

const network = await Network.find();
const limpet = await Limpet.load();
const POOLS = pools(network);

/** The servers, and for each method and pool an upstream with a door for X-Forwarded-For and one for PROXY. */
function http(): string {
  const servers = Array.from({ length: MOST_SERVERS }, (_, index) => network.server(index));
  const upstreams = METHODS.flatMap((method) => POOLS.map((pool) => upstream(method, pool)));
  return `
    keepalive_requests 1000000;
    large_client_header_buffers 8 16k;
    set_real_ip_from unix:;
    ${servers.map(({ id, address }) => `server { listen ${address}; return 200 "${id};"; }`).join("\n")}
    ${upstreams.join("\n")}`;
}

function upstream({ name, directive }: Method, pool: Pool): string {
  const door = `${name}-${pool.name}`;
  const servers = pool.servers.map(({ address, weight, state }) => {
    return `server ${address} weight=${weight} max_fails=0${state === "up" ? "" : ` ${state}`};`;
  });
  const location = `location / { proxy_pass http://${door}; proxy_http_version 1.1; proxy_set_header Connection ""; }`;
  return `
    upstream ${door} { ${directive}; ${servers.join(" ")} keepalive 8; }
    server { listen unix:{dir}/${door}.sock; real_ip_header X-Forwarded-For; ${location} }
    server { listen unix:{dir}/${door}-proxy.sock proxy_protocol; real_ip_header proxy_protocol; ${location} }`;
}

for (const tool of ["nginx", "nginx-sticky"] as const) {
  await against(tool, "hash", (program) => {
    let nginx: Peer;
    beforeAll(async () => {
      nginx = await startNginx(program, http(), `${METHODS[0]!.name}-${POOLS[0]!.name}`);
    });
    afterAll(() => nginx?.stop());

    for (const { name, rule, clients, directive } of METHODS) {
      test(`${directive}: ${clients.length} clients over ${POOLS.length} sets of servers`, async () => {
        for (const pool of POOLS) {
          const served = await servedAt(nginx.socket(`${name}-${pool.name}`), clients);
          expectAgreement(pool, clients, limpet.proposals(pool, rule, clients), served);
        }
      });
    }
  });
}
