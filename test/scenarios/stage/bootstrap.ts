import { readFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { freePort } from "../../../host-sim/testing/ports.js";
import { inProject } from "../../../scripts/project.js";
import { FILES } from "../../targets/target.js";

// biome-ignore lint/suspicious/noExplicitAny: an Envoy configuration as plain data; the engine checks it, not the tests.
export type Plain = any;

export const LISTENERS_FILE = "listeners.yaml";
export const ENDPOINTS_FILE = "endpoints.yaml";
const LISTENER_TYPE = "type.googleapis.com/envoy.config.listener.v3.Listener";
const ENDPOINTS_TYPE = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";

/**
 * An example file as plain data that a scenario changes, in the example's own port numbers:
 * `render` moves every port to a free one, the same one each time.
 */
export class Bootstrap {
  readonly #ports = new Map<number, number>();

  /** @param moved where a port is moved to: a free one, unless told */
  constructor(
    readonly plain: Plain,
    private readonly moved: (port: number) => number | Promise<number> = freePort,
  ) {}

  /** @param example name of a file in `envoy/`, without `.yaml` */
  static example(example: string, moved?: (port: number) => number): Bootstrap {
    return new Bootstrap(parse(readFileSync(inProject(`envoy/${example}.yaml`), "utf8")), moved);
  }

  listener(name = "main"): Plain {
    return named(this.plain.static_resources.listeners, name);
  }

  /** The connection manager of the listener. */
  http(listener = "main"): Plain {
    return this.listener(listener).filter_chains[0].filters[0].typed_config;
  }

  virtualHost(listener = "main"): Plain {
    return this.http(listener).route_config.virtual_hosts[0];
  }

  /** `typed_config` of an HTTP filter. */
  httpFilter(name: string, listener = "main"): Plain {
    return named(this.http(listener).http_filters, name).typed_config;
  }

  /** Limpet's configuration as the user writes it. */
  limpet(listener = "main"): Plain {
    return this.httpFilter("limpet", listener).config.configuration.value;
  }

  cluster(name = "app"): Plain {
    return named(this.plain.static_resources.clusters, name);
  }

  /** An `lb_endpoints` entry of the cluster `app`, by its hostname. */
  endpoint(hostname: string): Plain {
    const entry = this.#entries(this.cluster()).find((e: Plain) => e.endpoint.hostname === hostname);
    if (!entry) throw new Error(`no endpoint with the hostname "${hostname}"`);
    return entry;
  }

  #entries(cluster: Plain): Plain[] {
    return cluster.load_assignment.endpoints.flatMap((locality: Plain) => locality.lb_endpoints);
  }

  /** Hostnames and ports (the example's) of all static clusters; an endpoint without a hostname is no application's. */
  backends(): { name: string; port: number }[] {
    return this.plain.static_resources.clusters.flatMap((cluster: Plain) =>
      this.#entries(cluster)
        .filter((entry) => entry.endpoint.hostname !== undefined)
        .map((entry) => ({
          name: entry.endpoint.hostname,
          port: entry.endpoint.address.socket_address.port_value,
        })),
    );
  }

  /** The same configuration for another engine: its listener and admin page move to ports of their own, all else stays. */
  twin(): Bootstrap {
    const twin = new Bootstrap(structuredClone(this.plain));
    const own = [this.listener(), this.plain.admin].map((at) => at.address.socket_address.port_value);
    for (const [original, port] of this.#ports) if (!own.includes(original)) twin.#ports.set(original, port);
    return twin;
  }

  /** A second listener like the first, on a port of its own, free to be changed. */
  addListener(name: string, port: number): void {
    const listener = structuredClone(this.listener());
    listener.name = name;
    listener.address.socket_address.port_value = port;
    this.plain.static_resources.listeners.push(listener);
  }

  /** The free port that stands for one of the example's. */
  async port(original: number): Promise<number> {
    const known = this.#ports.get(original);
    if (known !== undefined) return known;
    const free = await this.moved(original);
    this.#ports.set(original, free);
    return free;
  }

  /** The whole bootstrap as YAML. */
  async render(): Promise<string> {
    return stringify(await this.#moved(this.plain));
  }

  /** The bootstrap with its listeners in a file of their own (LDS), which can be replaced later. */
  async renderWithListenersFile(): Promise<{ config: string; files: Record<string, string> }> {
    const { listeners: _, ...static_resources } = this.plain.static_resources;
    const config = {
      node: { id: "scenario", cluster: "scenario" },
      ...this.plain,
      static_resources,
      dynamic_resources: { lds_config: { path_config_source: { path: `${FILES}/${LISTENERS_FILE}` } } },
    };
    return { config: stringify(await this.#moved(config)), files: { [LISTENERS_FILE]: await this.renderListeners() } };
  }

  async renderListeners(): Promise<string> {
    const resources = this.plain.static_resources.listeners.map((l: Plain) => ({ "@type": LISTENER_TYPE, ...l }));
    return stringify(await this.#moved({ resources }));
  }

  /** The bootstrap with the endpoints of the cluster `app` in a file of their own (EDS). */
  async renderWithEndpointsFile(): Promise<{ config: string; files: Record<string, string> }> {
    const copy = new Bootstrap(structuredClone(this.plain));
    const cluster = copy.cluster();
    const service = cluster.load_assignment.cluster_name;
    delete cluster.load_assignment;
    cluster.type = "EDS";
    cluster.eds_cluster_config = {
      ...(service !== cluster.name && { service_name: service }),
      eds_config: { path_config_source: { path: `${FILES}/${ENDPOINTS_FILE}` } },
    };
    const config = { node: { id: "scenario", cluster: "scenario" }, ...copy.plain };
    return { config: stringify(await this.#moved(config)), files: { [ENDPOINTS_FILE]: await this.renderEndpoints() } };
  }

  async renderEndpoints(): Promise<string> {
    const { load_assignment } = this.cluster();
    return stringify(await this.#moved({ resources: [{ "@type": ENDPOINTS_TYPE, ...load_assignment }] }));
  }

  /** A copy in which every `port_value`, and every port behind a loopback address in a text, is moved. */
  async #moved(value: Plain): Promise<Plain> {
    if (typeof value === "string") return this.#movedText(value);
    if (Array.isArray(value)) {
      const items: Plain[] = [];
      for (const item of value) items.push(await this.#moved(item));
      return items;
    }
    if (value === null || typeof value !== "object") return value;
    const fields: Plain = {};
    for (const [key, field] of Object.entries(value)) {
      fields[key] = key === "port_value" ? await this.port(field as number) : await this.#moved(field);
    }
    return fields;
  }

  async #movedText(text: string): Promise<string> {
    const address = /(127\.0\.0\.1:|\[::1\]:)(\d+)/g;
    for (const [, , port] of text.matchAll(address)) await this.port(Number(port));
    return text.replace(address, (_, host: string, port: string) => `${host}${this.#ports.get(Number(port))}`);
  }
}

function named(list: Plain[], name: string): Plain {
  const found = list.find((entry) => entry.name === name);
  if (!found) throw new Error(`no "${name}" among ${list.map((entry) => `"${entry.name}"`).join(", ")}`);
  return found;
}
