/** The applications of the soak, each with a policy of its own, on one listener of one Envoy. */
import { Bootstrap } from "../../scenarios/stage/bootstrap.js";
import { clientAddress } from "../machine/addresses.js";
import type { Manner } from "../world/client.js";
import { leadToStore, limpetBootstrap } from "../world/envoy.js";
import type { Pool } from "../world/pool.js";
import { ALIKE, type Times } from "../world/proxy.js";
import type { Store } from "../world/store.js";

const SESSION_HEADER = "X-Session";

/** What tells a session's server, by the policy's name; and how its clients speak, of whom each has a number. */
const POLICIES: Record<string, { rule: object; manner: (client: number, servers: readonly string[]) => Manner }> = {
  sealed: { rule: { pin: { cookie: { name: "SERVERID" } } }, manner: () => ({}) },
  learned: {
    rule: {
      learn: {
        create: { cookie: "JSESSIONID" },
        lookup: { cookie: "JSESSIONID" },
        timeout: "1h",
        entries: 100_000,
        store: { cluster: "webdis", namespace: "soak" },
      },
    },
    manner: () => ({ query: "session" }),
  },
  routed: {
    rule: { route: { query: "server" } },
    manner: (client, servers) => ({ query: `server=${servers[client % servers.length]}`, comesBack: true }),
  },
  address: {
    rule: { hash: { client_ip: {} } },
    manner: (client) => ({ localAddress: clientAddress(`127.0.0.${2 + client}`), comesBack: true }),
  },
  header: {
    rule: { pin: { header: { name: SESSION_HEADER } } },
    manner: () => ({ sessionHeader: SESSION_HEADER }),
  },
};
export const POLICY_NAMES = Object.keys(POLICIES);

/** Every second client of a policy speaks HTTP/2. */
export function manner(session: number, servers: readonly string[]): Manner {
  const name = POLICY_NAMES[session % POLICY_NAMES.length]!;
  const client = Math.floor(session / POLICY_NAMES.length);
  return { ...POLICIES[name]!.manner(client, servers), prefix: `/${name}`, http2: client % 2 === 1 };
}

/** Who else is at work on this machine may hold all up for a second or two: that is no server's fault. */
export const TIMES: Times = { ...ALIKE, connectTimeoutMs: 2000, tryTimeoutMs: 4000, checkTimeoutMs: 2000 };

export function soakBootstrap(pool: Pool, store: Store): Bootstrap {
  const bootstrap = limpetBootstrap(pool, "cookie-insert", TIMES);
  const http = bootstrap.http();
  http.use_remote_address = true;
  http.upgrade_configs = [{ upgrade_type: "websocket" }];
  const virtualHost = bootstrap.virtualHost();
  const [{ route }] = virtualHost.routes;
  virtualHost.routes = POLICY_NAMES.map((name) => ({
    name,
    match: { prefix: `/${name}/` },
    route: { ...structuredClone(route), prefix_rewrite: "/" },
  }));
  const { servers, handoff } = bootstrap.limpet();
  const policies = Object.entries(POLICIES).map(([name, { rule }]) => {
    return [name, { servers, rules: [{ name: "the-rule", ...rule }], gauges: { in_flight: true } }];
  });
  bootstrap.httpFilter("limpet").config.configuration.value = {
    ...{ keys: store.keys, policy_from: "xds.route_name", policies: Object.fromEntries(policies), handoff },
  };
  const webdis = Bootstrap.example("learn-fleet").cluster("webdis");
  leadToStore(webdis, store);
  bootstrap.plain.static_resources.clusters.push(webdis);
  return bootstrap;
}
