/** The endpoints that the file tells of, as Envoy has them, and its admin interface for a filter that discovers them. */
import type { Cluster } from "../envoy-config/index.js";
import { clusterShown, endpointPage } from "../proxy/admin/endpoint-pages.js";
import { UpstreamHost } from "../proxy/upstream/host.js";
import { type Clock, HeaderMap, type HostServices, machineClock } from "../wasm-host/index.js";

/** How many of its timer's periods a filter has to look around before the request. */
const PERIODS = 20;

export class Endpoints {
  readonly #hosts: Map<string, UpstreamHost[]>;
  readonly #pages;
  readonly #timers: { periodMs: number; tick(): void }[] = [];
  readonly #answers: (() => void)[] = [];
  /** How long before now the filter's clock stands. */
  #beforeMs = 0;

  /** @param down endpoints (`ip:port`) whose active health check fails */
  constructor(clusters: Cluster[], down: string[]) {
    this.#hosts = new Map(clusters.map(({ name, endpoints }) => [name, endpoints.map((one) => new UpstreamHost(one))]));
    for (const host of this.all) host.failedActiveHealthCheck = down.includes(host.address);
    this.#pages = clusters.map((config) => clusterShown(config, this.of(config.name)));
  }

  get all(): UpstreamHost[] {
    return [...this.#hosts.values()].flat();
  }

  /** The hosts of that cluster, in the file's order; none if there is no such cluster. */
  of(cluster: string | undefined): UpstreamHost[] {
    return this.#hosts.get(cluster ?? "") ?? [];
  }

  /** A clock whose timers only `lookAround` calls. */
  readonly clock: Clock = {
    now: () => machineClock.now() - BigInt(this.#beforeMs) * 1_000_000n,
    every: (periodMs, tick) => {
      const timer = { periodMs, tick };
      this.#timers.push(timer);
      return () => void this.#timers.splice(this.#timers.indexOf(timer), 1);
    },
  };

  /** Answers what is asked of an admin interface; other clusters, say a store's, are not there. */
  readonly httpCall: HostServices["httpCall"] = ({ headers }, respond) => {
    const { status, body } = endpointPage(headers.get(":path") ?? "/", this.#pages);
    if (status !== 200) return false;
    const fields = new HeaderMap("response", [[":status", String(status)]]);
    const trailers = new HeaderMap("trailers", []);
    this.#answers.push(() => respond({ ok: true, headers: fields, body: Buffer.from(body), trailers }));
    return true;
  };

  /** Lets the filter do what it does by its timer, so that it knows its servers when the request comes. */
  lookAround(): void {
    const periodMs = Math.max(0, ...this.#timers.map((timer) => timer.periodMs));
    for (let left = PERIODS; left >= 0; left--) {
      this.#beforeMs = left * periodMs;
      for (const { tick } of [...this.#timers]) tick();
      while (this.#answers.length > 0) this.#answers.shift()?.();
    }
  }
}
