/** What is put under the faults: Limpet, and what else keeps sessions. */
import { Envoy, fleetBootstrap, limpetBootstrap, nativeBootstrap } from "../world/envoy.js";
import { Haproxy } from "../world/haproxy.js";
import type { Pool } from "../world/pool.js";
import type { SessionProxy } from "../world/proxy.js";
import type { Store } from "../world/store.js";

/** How a session is known: by a cookie of the proxy, or by the application's own, whose server the proxies learn. */
export type Sessions = "cookie" | "learned";

export interface System {
  name: "limpet" | "envoy-native" | "haproxy";
  sessions: Sessions;
  /** Starts one of the proxies at `fleet`. */
  start(pool: Pool, address: string, fleet: readonly string[], store: Store): Promise<SessionProxy>;
}

export const SYSTEMS: System[] = [
  { name: "limpet", sessions: "cookie", start: (pool, address) => Envoy.start(limpetBootstrap(pool), address) },
  { name: "envoy-native", sessions: "cookie", start: (pool, address) => Envoy.start(nativeBootstrap(pool), address) },
  { name: "haproxy", sessions: "cookie", start: (pool, address) => Haproxy.start(pool, address) },
  {
    ...{ name: "limpet", sessions: "learned" },
    start: (pool, address, _, store) => Envoy.start(fleetBootstrap(pool, store), address),
  },
  { name: "haproxy", sessions: "learned", start: (pool, address, fleet) => Haproxy.start(pool, address, fleet) },
];
