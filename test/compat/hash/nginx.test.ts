/** nginx's `ip_hash`, `hash` and `hash ... consistent`: the same clients on the same servers. */
import { afterAll, beforeAll, test } from "vitest";
import { against } from "../peers/available.js";
import { startNginx } from "../peers/nginx.js";
import type { Peer } from "../peers/process.js";
import { ADDRESS_CLIENTS, KEY_CLIENTS } from "./agreement.js";
import { drained, MOST_SERVERS, Network, type Pool, pools, withDead } from "./pools.js";
import { agreements, agreementThroughEngines, door, expectSameFailover, type Method } from "./suite.js";

const network = await Network.find(77);
const POOLS = pools(network);
const BIGGEST = POOLS[1]!;
const SAMPLE = [POOLS[0]!, ...POOLS.filter(({ name }) => name === "3")];
const FAILING = withDead(BIGGEST, network, ["S2", "S5", "S7"]);

const METHODS: Method[] = [
  {
    title: "ip_hash",
    rule: { client_ip: {}, algorithm: "nginx_ip_hash" },
    clients: ADDRESS_CLIENTS,
    pools: POOLS,
  },
  {
    title: "hash $binary_remote_addr",
    rule: { client_ip: {}, algorithm: "nginx_hash" },
    clients: ADDRESS_CLIENTS,
    pools: SAMPLE,
  },
  {
    title: "hash $http_x_key",
    rule: { header: "X-Key", algorithm: "nginx_hash" },
    clients: KEY_CLIENTS,
    pools: POOLS,
  },
  {
    title: "hash $binary_remote_addr consistent",
    rule: { client_ip: {}, algorithm: "nginx_consistent" },
    clients: ADDRESS_CLIENTS,
    pools: POOLS,
  },
  {
    title: "hash $http_x_key consistent",
    rule: { header: "X-Key", algorithm: "nginx_consistent" },
    clients: KEY_CLIENTS,
    pools: POOLS,
  },
];

for (const tool of ["nginx", "nginx-sticky"] as const) {
  await against(tool, "hash", (program) => {
    // Only the newer one knows `drain`.
    const methods = METHODS.map((method) => {
      return tool === "nginx" ? method : { ...method, pools: [...method.pools, drained(BIGGEST)] };
    });
    let nginx: Peer;
    beforeAll(async () => {
      nginx = await startNginx(program, http(methods), door(methods[0]!, POOLS[0]!));
    });
    afterAll(() => nginx?.stop());

    agreements(() => nginx, methods);
    if (tool === "nginx") agreementThroughEngines(methods, SAMPLE);

    test.each(methods)("$title: the same server stands in for one that refuses", async (method) => {
      await expectSameFailover(nginx, method, FAILING.pool, FAILING.dead);
    });
  });
}

/** The servers, and for each method and pool an upstream with a door for X-Forwarded-For and one for PROXY. */
function http(methods: Method[]): string {
  const servers = Array.from({ length: MOST_SERVERS }, (_, index) => network.server(index));
  const upstreams = methods.flatMap((method) => [...method.pools, FAILING.pool].map((pool) => upstream(method, pool)));
  return `
    keepalive_requests 1000000;
    large_client_header_buffers 8 16k;
    set_real_ip_from unix:;
    ${servers.map(({ id, address }) => `server { listen ${address}; return 200 "${id};"; }`).join("\n")}
    ${upstreams.join("\n")}`;
}

function upstream(method: Method, pool: Pool): string {
  const name = door(method, pool);
  const servers = pool.servers.map(({ address, weight, state }) => {
    return `server ${address} weight=${weight} max_fails=0${state === "up" ? "" : ` ${state}`};`;
  });
  const location = `location / { proxy_pass http://${name}; proxy_http_version 1.1; proxy_set_header Connection ""; }`;
  return `
    upstream ${name} { ${method.title}; ${servers.join(" ")} keepalive 8; }
    server { listen unix:{dir}/${name}.sock; real_ip_header X-Forwarded-For; ${location} }
    server { listen unix:{dir}/${name}-proxy.sock proxy_protocol; real_ip_header proxy_protocol; ${location} }`;
}
