/** The live page at the simulator's admin address: `/limpet`, its files, its feed and its actions. */
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { inProject } from "../../scripts/project.js";
import type { EchoBackend } from "../backends/echo.js";
import type { Method } from "../cli/check/method.js";
import type { HostPort } from "../cli/layout.js";
import type { RequestLogEntry } from "../proxy/request-log.js";
import type { Clusters } from "../proxy/upstream/clusters.js";
import { Crowd, KINDS, type Kind } from "./crowd.js";
import { refusal, STRICT_HEADERS } from "./guard.js";
import { Decisions, hostsOf, type ServerRow, type State } from "./state.js";

export interface DashboardOptions {
  /** Where the page's clients go; without one it starts none. */
  listener?: HostPort;
  method: Method;
  /** The servers that this process runs. */
  backends: EchoBackend[];
}

const FILES: Record<string, [file: string, type: string]> = {
  "/limpet": ["index.html", "text/html; charset=utf-8"],
  "/limpet/icon.svg": ["icon.svg", "image/svg+xml"],
  "/limpet/page.css": ["page.css", "text/css; charset=utf-8"],
  "/limpet/page.js": ["page.js", "text/javascript; charset=utf-8"],
};

export class Dashboard {
  readonly #decisions = new Decisions();
  readonly #crowd: Crowd | undefined;
  /** Known once the simulator runs. */
  clusters: Clusters = new Map();

  constructor(private readonly options: DashboardOptions) {
    if (options.listener) this.#crowd = new Crowd(options.listener, options.method);
  }

  /** Takes note of a request that is over. */
  record(entry: RequestLogEntry): void {
    this.#decisions.add(entry);
  }

  /** Ends the page's clients. */
  stop(): void {
    this.#crowd?.stop();
  }

  /** Answers what is below `/limpet`; false for anything else. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://admin");
    if (pathname !== "/limpet" && !pathname.startsWith("/limpet/")) return false;
    const send = (status: number, type: string, body: string | Buffer) => {
      response.writeHead(status, { ...STRICT_HEADERS, "content-type": type });
      response.end(body);
    };
    const text = (status: number, body: string) => send(status, "text/plain; charset=utf-8", `${body}\n`);
    const refused = refusal(request);
    if (refused !== undefined) {
      text(403, refused);
    } else if (request.method === "POST") {
      this.#act(pathname, searchParams).then(
        (problem) => text(problem === undefined ? 200 : 400, problem ?? "done"),
        (error: Error) => text(500, error.message),
      );
    } else if (pathname === "/limpet/state") {
      send(200, "application/json", JSON.stringify(this.state(Number(searchParams.get("after")) || 0)));
    } else {
      const [file, type] = (Object.hasOwn(FILES, pathname) ? FILES[pathname] : undefined) ?? [];
      if (file === undefined || type === undefined) text(404, "expected /limpet");
      else send(200, type, readFileSync(inProject(`host-sim/dashboard/page/${file}`)));
    }
    return true;
  }

  /** Everything that the page shows; of the decisions those after that number. */
  state(after: number): State {
    const hosts = [...hostsOf(this.clusters).values()];
    const total = hosts.reduce((sum, { host }) => sum + host.stats.rq_success.value, 0);
    const servers = hosts.map(({ cluster, host }): ServerRow => {
      const id = host.endpoint.hostname || host.address;
      const backend = this.#backend(host.address);
      const draining = host.endpoint.healthStatus === "DRAINING" ? "draining" : "up";
      const weights = cluster.hosts.reduce((sum, { endpoint }) => sum + endpoint.weight, 0);
      return {
        id,
        address: host.address,
        status: backend?.condition ?? (draining === "up" && host.health === "unhealthy" ? "unhealthy" : draining),
        ours: backend !== undefined,
        sessions: this.#crowd?.at(backend?.id ?? id) ?? 0,
        came: this.#crowd?.came.get(id) ?? 0,
        left: this.#crowd?.left.get(id) ?? 0,
        inFlight: host.stats.rq_active.value,
        requests: host.stats.rq_success.value,
        share: total === 0 ? 0 : host.stats.rq_success.value / total,
        fairShare: host.endpoint.weight / weights,
      };
    });
    return {
      servers,
      clients: this.#crowd?.count() ?? { own: 0, nat: 0, bare: 0, mobile: 0 },
      failed: this.#crowd?.failed ?? 0,
      decisions: this.#decisions.after(after),
      rules: this.#decisions.counts(),
    };
  }

  #backend(address: string): EchoBackend | undefined {
    return this.options.backends.find(({ host, port }) => `${host}:${port}` === address);
  }

  /** Does what a button says. Resolves with what is wrong with the request, if anything. */
  async #act(pathname: string, query: URLSearchParams): Promise<string | undefined> {
    const action = pathname.slice("/limpet/".length);
    if (action === "clients") return this.#startClients(query);
    if (action === "no-clients") {
      this.stop();
      return undefined;
    }
    const found = hostsOf(this.clusters).get(query.get("server") ?? "");
    if (found === undefined) return `server: expected a host's address; got "${query.get("server") ?? ""}"`;
    const { cluster, host } = found;
    if (action === "drain" || action === "undrain") {
      const healthStatus = action === "drain" ? "DRAINING" : "UNKNOWN";
      cluster.setEndpoints(
        cluster.hosts.map((one) => (one === host ? { ...one.endpoint, healthStatus } : one.endpoint)),
      );
      return undefined;
    }
    const backend = this.#backend(host.address);
    if (backend === undefined) return `${host.address} is not run by this process: it cannot be ${action}ed here`;
    if (action === "kill") await backend.kill();
    else if (action === "revive") await backend.listen();
    else if (action === "pause") backend.pause();
    else if (action === "resume") backend.resume();
    else return `expected clients, no-clients, kill, revive, pause, resume, drain or undrain; got "${action}"`;
    return undefined;
  }

  #startClients(query: URLSearchParams): string | undefined {
    const kind = query.get("kind") as Kind;
    const count = Number(query.get("count"));
    if (this.#crowd === undefined) return "the file has no listener of its own to send clients to";
    if (!KINDS.includes(kind)) return `kind: expected ${KINDS.join(", ")}; got "${kind}"`;
    if (!Number.isInteger(count) || count < 1) return `count: expected a number above 0; got "${query.get("count")}"`;
    this.#crowd.start(kind, count);
    return undefined;
  }
}
