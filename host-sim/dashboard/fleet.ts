/** The servers of a running file, and what a person does to them on the page. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Document } from "yaml";
import { EchoBackend } from "../backends/echo.js";
import { mapsUnder } from "../cli/layout.js";
import { parseBootstrap } from "../envoy-config/index.js";
import type { Cluster } from "../proxy/upstream/cluster.js";
import type { UpstreamHost } from "../proxy/upstream/host.js";
import type { Simulator } from "../simulator.js";
import { type Edit, helperClusters, withoutServer, withServer } from "./edit.js";

/** What a person asked for and cannot have, with the reason. */
export class Refusal extends Error {}

/** How long a server that is removed may take for the requests that it has. */
const LAST_REQUESTS_MS = 2_000;

export class Fleet {
  /** Known once it runs. */
  simulator: Simulator | undefined;

  /**
   * @param document the file that runs
   * @param file its name, for complaints
   * @param backends the servers of it that this process runs; those that are added are put there
   */
  constructor(
    private document: Document,
    private readonly file: string,
    readonly backends: EchoBackend[],
    private readonly lenient = false,
  ) {}

  /** The servers, by address; an address that several clusters have, once. */
  get hosts(): Map<string, { cluster: Cluster; host: UpstreamHost }> {
    const helpers = helperClusters(this.document);
    const clusters = [...(this.simulator?.clusters.values() ?? [])].filter(({ name }) => !helpers.has(name));
    const all = clusters.flatMap((cluster) => cluster.hosts.map((host) => ({ cluster, host })));
    return new Map(all.map((one) => [one.host.address, one]));
  }

  /** The server at that address, if this process runs it. */
  backend(address: string): EchoBackend | undefined {
    return this.backends.find(({ host, port }) => `${host}:${port}` === address);
  }

  /** Does what a button says to one server; returns what to tell. Throws Refusal. */
  async act(action: string, address: string): Promise<string> {
    const found = this.hosts.get(address);
    if (found === undefined) throw new Refusal(`server: expected a host's address; got "${address}"`);
    const id = found.host.endpoint.hostname || address;
    if (action === "remove") return this.#remove(found, id);
    if (action === "drain" || action === "undrain") {
      const { cluster, host } = found;
      const healthStatus = action === "drain" ? "DRAINING" : "UNKNOWN";
      cluster.setEndpoints(
        cluster.hosts.map((one) => (one === host ? { ...one.endpoint, healthStatus } : one.endpoint)),
      );
      return action === "drain" ? `${id} drains: it keeps its sessions.` : `${id} takes new sessions again.`;
    }
    const backend = this.backend(address);
    if (backend === undefined)
      throw new Refusal(`${address} is not run by this process: it cannot be ${action}ed here`);
    if (action === "kill") await backend.kill();
    else if (action === "revive") await backend.listen();
    else if (action === "pause") backend.pause();
    else if (action === "resume") backend.resume();
    else throw new Refusal(`expected kill, revive, pause, resume, drain, undrain or remove; got "${action}"`);
    return `${id} ${DONE[action]}.`;
  }

  /**
   * Starts one more server, makes it an endpoint as EDS would, and gives the filter a configuration that
   * lists it, as LDS would, if it lists servers. Returns what to tell. Throws Refusal.
   */
  async add(): Promise<string> {
    const id = nextId([...this.hosts.values()].map(({ host }) => host.endpoint.hostname));
    const backend = await this.#startBackend(id);
    try {
      const edit = withServer(this.document, backend);
      if (edit === undefined) {
        throw new Refusal(`${this.file} has no endpoints: where they come from, a server can be added`);
      }
      const address = `${backend.host}:${backend.port}`;
      const bootstrap = await this.#reload(edit);
      const added = bootstrap.clusters
        .find(({ name }) => name === edit.cluster)
        ?.endpoints.filter((endpoint) => `${endpoint.address.host}:${endpoint.address.port}` === address);
      const cluster = this.simulator?.clusters.get(edit.cluster);
      cluster?.setEndpoints([...cluster.hosts.map(({ endpoint }) => endpoint), ...(added ?? [])]);
      this.backends.push(backend);
      return `${id} added: ${this.#inWords(edit)}.`;
    } catch (error) {
      await backend.kill();
      throw error;
    }
  }

  async #remove({ cluster, host }: { cluster: Cluster; host: UpstreamHost }, id: string): Promise<string> {
    const edit = withoutServer(this.document, host.address);
    if (edit === undefined) throw new Refusal(`${id} cannot be removed: it is its cluster's last, or not in the file`);
    await this.#reload(edit);
    cluster.setEndpoints(cluster.hosts.filter((one) => one !== host).map(({ endpoint }) => endpoint));
    const backend = this.backend(host.address);
    if (backend !== undefined) {
      this.backends.splice(this.backends.indexOf(backend), 1);
      for (const start = Date.now(); host.stats.rq_active.value > 0 && Date.now() - start < LAST_REQUESTS_MS; ) {
        await sleep(20);
      }
      await backend.kill();
    }
    return `${id} removed: ${this.#inWords(edit)}.`;
  }

  /** First the filter, which may refuse; the file is the new one from then on. */
  async #reload({ document }: Edit) {
    const bootstrap = parseBootstrap(document.toString({ lineWidth: 0 }), this.file, { lenient: this.lenient });
    await this.simulator?.setListeners(bootstrap.listeners);
    this.document = document;
    return bootstrap;
  }

  #inWords({ document, cluster, listed }: Edit): string {
    const endpoints = `the endpoints of ${cluster} have changed, as by EDS`;
    if (listed) return `${endpoints}; the filter's list of servers too, and it was loaded again, as by LDS`;
    const discovers = mapsUnder(document, "discover").length > 0;
    return discovers ? `${endpoints}; the filter sees it at its next look at the admin page` : endpoints;
  }

  /** At the first free port behind those of the others. */
  async #startBackend(id: string): Promise<EchoBackend> {
    const ports = [...this.hosts.values()].map(({ host }) => host.endpoint.address.port);
    for (let port = Math.max(8_000, ...ports) + 1; ; port++) {
      try {
        return await EchoBackend.start(id, "127.0.0.1", port);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      }
    }
  }
}

const DONE: Record<string, string> = {
  kill: "was killed",
  revive: "is back",
  pause: "hangs: it takes requests, and answers none",
  resume: "answers again",
};

/** The next name in the row: S4 after S3. */
function nextId(ids: string[]): string {
  const numbered = ids.flatMap((id) => {
    const [, prefix = "", number] = /^(.*?)(\d{1,9})$/.exec(id) ?? [];
    return number === undefined ? [] : [{ prefix, number: Number(number) }];
  });
  return `${numbered[0]?.prefix ?? "added-"}${1 + Math.max(0, ...numbered.map(({ number }) => number))}`;
}
