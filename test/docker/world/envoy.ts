/** Envoy in a container, with Limpet or with its own `stateful_session` cookie. */
import { setTimeout as delay } from "node:timers/promises";
import { Bootstrap, ENDPOINTS_FILE, type Plain } from "../../scenarios/stage/bootstrap.js";
import { EnvoyAdmin } from "../../targets/envoy-admin.js";
import { FilesDirectory } from "../../targets/files-directory.js";
import { Container, samePath } from "../machine/container.js";
import { ENVOY } from "../machine/names.js";
import { HTTP1_PORT, type Pool } from "./pool.js";
import { ALIKE, ATTEMPTS, PROXY_PORT, SessionProxy, type Times, type View } from "./proxy.js";
import { STORE_PORT, type Store } from "./store.js";

const ADMIN_PORT = 9901;
const DRAIN_SECONDS = 2;
const READY_LIMIT_MS = 30_000;

/** An example with these servers and times. */
export function limpetBootstrap(pool: Pool, example = "cookie-insert", times = ALIKE): Bootstrap {
  // A container has all ports to itself: they stay as they are.
  const bootstrap = Bootstrap.example(example, (port) => port);
  const { admin, static_resources } = bootstrap.plain;
  admin.address.socket_address = { address: "0.0.0.0", port_value: ADMIN_PORT };
  static_resources.listeners[0].address.socket_address = { address: "0.0.0.0", port_value: PROXY_PORT };
  bootstrap.limpet().servers = pool.servers.map(({ id, container }) => ({
    id,
    address: `${container.address}:${HTTP1_PORT}`,
  }));
  const virtualHost = bootstrap.virtualHost();
  virtualHost.response_headers_to_add = [
    {
      header: { key: ATTEMPTS, value: "%UPSTREAM_REQUEST_ATTEMPT_COUNT%" },
      append_action: "OVERWRITE_IF_EXISTS_OR_ADD",
    },
  ];
  const { retry_policy } = virtualHost.routes[0].route;
  retry_policy.retry_on = "connect-failure,refused-stream,reset";
  retry_policy.num_retries = times.retries;
  retry_policy.per_try_timeout = `${times.tryTimeoutMs / 1000}s`;
  const cluster = bootstrap.cluster();
  cluster.connect_timeout = `${times.connectTimeoutMs / 1000}s`;
  cluster.load_assignment.endpoints = [{ lb_endpoints: pool.servers.map(endpoint) }];
  cluster.health_checks = [
    {
      timeout: `${times.checkTimeoutMs / 1000}s`,
      interval: `${times.checkIntervalMs / 1000}s`,
      no_traffic_interval: `${times.checkIntervalMs / 1000}s`,
      unhealthy_threshold: times.checksToFall,
      healthy_threshold: times.checksToRise,
      http_health_check: { path: "/healthz" },
    },
  ];
  return bootstrap;
}

/** The example of a fleet that learns the application's sessions, and shares them in the store. */
export function fleetBootstrap(pool: Pool, store: Store): Bootstrap {
  const bootstrap = limpetBootstrap(pool, "learn-fleet");
  bootstrap.limpet().keys = store.keys;
  leadToStore(bootstrap.cluster("webdis"), store);
  return bootstrap;
}

/** Has the example's cluster lead to this store. */
export function leadToStore(cluster: Plain, { address }: Store): void {
  const [locality] = cluster.load_assignment.endpoints;
  locality.lb_endpoints[0].endpoint.address.socket_address = { address, port_value: STORE_PORT };
}

/** The same Envoy without Limpet: its own cookie, which holds the server's address. */
export function nativeBootstrap(pool: Pool): Bootstrap {
  const bootstrap = limpetBootstrap(pool);
  const http = bootstrap.http();
  http.http_filters = http.http_filters.filter(({ name }: { name: string }) => name !== "limpet");
  bootstrap.httpFilter("envoy.filters.http.stateful_session").session_state = {
    name: "envoy.http.stateful_session.cookie",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState",
      cookie: { name: "SESSION", path: "/" },
    },
  };
  return bootstrap;
}

function endpoint({ id, container }: Pool["servers"][number]): Plain {
  const socket_address = { address: container.address, port_value: HTTP1_PORT };
  return { endpoint: { hostname: id, address: { socket_address } } };
}

export class Envoy extends SessionProxy {
  readonly #admin: string;

  private constructor(
    container: Container,
    private readonly bootstrap: Bootstrap,
    files: FilesDirectory,
    times: Times,
  ) {
    super(container, files, times);
    this.#admin = `http://${container.address}:${ADMIN_PORT}`;
  }

  /** Its endpoints stand in a file, so that they can be drained. With one worker and the times that all have, unless told. */
  static async start(
    bootstrap: Bootstrap,
    address: string,
    { concurrency = 1, times = ALIKE }: { concurrency?: number; times?: Times } = {},
  ): Promise<Envoy> {
    const rendered = await bootstrap.renderWithEndpointsFile();
    const files = new FilesDirectory(rendered.files);
    const path = files.replace("bootstrap.yaml", rendered.config);
    const container = await Container.start({
      image: ENVOY,
      address,
      mounts: [samePath(files.path)],
      user: `${process.getuid?.()}:${process.getgid?.()}`,
      command: [
        ...[
          "--config-path",
          path,
          "--disable-hot-restart",
          "--concurrency",
          `${concurrency}`,
          "--log-level",
          "warning",
        ],
        ...["--drain-time-s", `${DRAIN_SECONDS}`],
      ],
    });
    const envoy = new Envoy(container, bootstrap, files, times);
    await envoy.ready();
    return envoy;
  }

  protected async ready(): Promise<void> {
    const admin = new EnvoyAdmin(`${this.container.address}:${ADMIN_PORT}`);
    if ((await admin.ready(READY_LIMIT_MS)) !== "ready") throw new Error(`Envoy is not ready:\n${this.container.log}`);
    // Until it has checked the servers, they count as ill, and if all are ill sessions do not count.
    const hosts = async () => (await this.#clusters()).flatMap(({ host_statuses = [] }: Plain) => host_statuses);
    for (const start = Date.now(); Date.now() - start < READY_LIMIT_MS; await delay(20)) {
      if ((await hosts()).every(({ health_status }: Plain) => !health_status.failed_active_health_check)) return;
    }
    throw new Error(`a server stays ill for Envoy:\n${this.container.log}`);
  }

  async #clusters(): Promise<Plain[]> {
    return ((await (await fetch(`${this.#admin}/clusters?format=json`)).json()) as Plain).cluster_statuses;
  }

  async view(server: string): Promise<View> {
    const hosts = (await this.#clusters()).flatMap(({ host_statuses = [] }) => host_statuses);
    const states = hosts.filter(({ hostname }) => hostname === server).map(({ health_status }) => health_status);
    if (states.some(({ failed_active_health_check }) => failed_active_health_check)) return "down";
    return states.some(({ eds_health_status }) => eds_health_status === "DRAINING") ? "draining" : "up";
  }

  async drain(server: string, isDraining: boolean): Promise<void> {
    this.bootstrap.endpoint(server).health_status = isDraining ? "DRAINING" : "HEALTHY";
    this.files.replace(ENDPOINTS_FILE, await this.bootstrap.renderEndpoints());
  }

  /** The counters whose names match, from the admin interface. */
  async counters(filter: RegExp): Promise<Map<string, number>> {
    const text = await (await fetch(`${this.#admin}/stats?filter=${encodeURIComponent(filter.source)}`)).text();
    const lines = text.matchAll(/^(\S+): (\d+)$/gm);
    return new Map(Array.from(lines, ([, name, value]) => [name!, Number(value)]));
  }

  /** The bytes of memory in use: those of its container, without what the allocator keeps for later. */
  async memoryInUse(): Promise<number> {
    const [all, answer] = await Promise.all([this.container.memory(), fetch(`${this.#admin}/memory`)]);
    const { allocated, total_physical_bytes } = (await answer.json()) as Plain;
    return all - Number(total_physical_bytes) + Number(allocated);
  }

  async retire(): Promise<void> {
    await fetch(`${this.#admin}/drain_listeners?graceful`, { method: "POST" });
    await delay(DRAIN_SECONDS * 1000);
    await this.container.stop(5);
  }
}
