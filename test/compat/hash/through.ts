/** Limpet in an engine: one listener for each method and pool, which takes the client's address from X-Forwarded-For. */
import { readFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { freePort } from "../../../host-sim/testing/ports.js";
import { inProject } from "../../../scripts/project.js";
import type { Plain } from "../../scenarios/stage/bootstrap.js";
import { configuration, type HashRule } from "./limpet.js";
import type { Pool, PoolServer } from "./pools.js";

export interface Listener {
  name: string;
  pool: Pool;
  rule: HashRule;
}

const HEALTH = { up: "HEALTHY", drain: "DRAINING", down: "UNHEALTHY" };

/** The bootstrap, made from the example of a client's hash. */
export async function bootstrap(listeners: Listener[]): Promise<string> {
  const plain: Plain = parse(readFileSync(inProject("envoy/client-ip-hash.yaml"), "utf8"));
  const { listeners: examples, clusters } = plain.static_resources;
  plain.admin.address.socket_address.port_value = await freePort();
  plain.static_resources.listeners = await Promise.all(listeners.map((row) => listener(examples[0], row)));
  const pools = new Map(listeners.map(({ pool }) => [pool.name, pool]));
  plain.static_resources.clusters = [...pools.values()].map((pool) => cluster(clusters[0], pool));
  // Without anchors: a listener shares nothing with another in the text either.
  return stringify(plain, { aliasDuplicateObjects: false });
}

async function listener(example: Plain, { name, pool, rule }: Listener): Promise<Plain> {
  const made = structuredClone(example);
  made.name = name;
  made.address.socket_address.port_value = await freePort();
  const http = made.filter_chains[0].filters[0].typed_config;
  http.use_remote_address = true;
  http.xff_num_trusted_hops = 1;
  http.route_config.virtual_hosts[0].routes[0].route.cluster = pool.name;
  const filter = http.http_filters.find((candidate: Plain) => candidate.name === "limpet");
  filter.typed_config.config.configuration.value = configuration(pool, rule, "stateful_session");
  return made;
}

function cluster(example: Plain, pool: Pool): Plain {
  const endpoints = [{ lb_endpoints: pool.servers.map(endpoint) }];
  // Patient: on a busy machine a server that is slow to accept must not become one that is down.
  const connect_timeout = "15s";
  return { ...example, name: pool.name, connect_timeout, load_assignment: { cluster_name: pool.name, endpoints } };
}

function endpoint({ id, address, state }: PoolServer): Plain {
  const [host, port] = address.split(":");
  const socket_address = { address: host, port_value: Number(port) };
  return { health_status: HEALTH[state], endpoint: { hostname: id, address: { socket_address } } };
}
