import type { Listener } from "../../envoy-config/index.js";
import type { Stats } from "../stats.js";

const CLASSES = [1, 2, 3, 4, 5] as const;

/** What a listener counts, by Envoy's names: connections for the address and the connection manager, requests for the latter. */
export class ListenerStats {
  readonly #connections;
  readonly #active;
  readonly #requests;
  readonly #activeRequests;
  readonly #completed;
  readonly #classes;

  constructor(stats: Stats, { address, hcm }: Listener) {
    const http = `http.${hcm.statPrefix}.downstream_`;
    const listener = `listener.${address.host}_${address.port}.downstream_`;
    this.#connections = [stats.counter(`${http}cx_total`), stats.counter(`${listener}cx_total`)];
    this.#active = [stats.gauge(`${http}cx_active`), stats.gauge(`${listener}cx_active`)];
    this.#requests = stats.counter(`${http}rq_total`);
    this.#activeRequests = stats.gauge(`${http}rq_active`);
    this.#completed = stats.counter(`${http}rq_completed`);
    this.#classes = CLASSES.map((digit) => stats.counter(`${http}rq_${digit}xx`));
  }

  connectionOpened(): void {
    for (const counter of this.#connections) counter.inc();
    for (const gauge of this.#active) gauge.add(1);
  }

  connectionClosed(): void {
    for (const gauge of this.#active) gauge.add(-1);
  }

  requestBegun(): void {
    this.#requests.inc();
    this.#activeRequests.add(1);
  }

  /** @param status 0 if the client got none */
  requestEnded(status: number): void {
    this.#activeRequests.add(-1);
    if (status === 0) return;
    this.#completed.inc();
    this.#classes[Math.floor(status / 100) - 1]?.inc();
  }
}
