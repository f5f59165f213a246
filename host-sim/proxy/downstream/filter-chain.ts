import type { HttpConnectionManager, HttpFilter } from "../../envoy-config/index.js";
import { AccessLogs } from "../access-log/access-log.js";
import { Router } from "../router/router.js";
import { RouteTable } from "../routing/route-table.js";
import type { Runtime } from "../runtime.js";
import { StatefulSession } from "../session/stateful-session.js";
import type { StreamFilter } from "../stream/filter.js";
import type { Stream } from "../stream/stream.js";
import { PluginSlot } from "../wasm/plugin-slot.js";
import { WasmFilter } from "../wasm/wasm-filter.js";
import type { Worker } from "../worker.js";

/** Envoy's default of `--drain-time-s`: how long old connections keep an old chain. */
export const DRAIN_TIME_MS = 600_000;

/** One version of a listener's HTTP filters, with its plugins running in every worker. */
export class FilterChain {
  readonly routes: RouteTable;
  readonly #workers: Worker[];
  #drainingSince: bigint | undefined;

  private constructor(
    readonly hcm: HttpConnectionManager,
    workers: Worker[],
    /** Of each worker, the wasm filters in their order. */
    private readonly slots: PluginSlot[][],
    readonly accessLogs: AccessLogs,
    private readonly runtime: Runtime,
  ) {
    this.routes = new RouteTable(hcm.routes, hcm.routeConfigHeaders);
    this.#workers = workers;
  }

  /**
   * Starts the plugins; if one of them refuses, those already started are stopped and the error is passed on.
   * @param print takes the access logs that go to stdout
   */
  static async start(
    hcm: HttpConnectionManager,
    workers: Worker[],
    runtime: Runtime,
    print: (text: string) => void,
  ): Promise<FilterChain> {
    const slots: PluginSlot[][] = workers.map(() => []);
    const accessLogs = new AccessLogs(hcm.accessLogs, print);
    try {
      for (const [index, worker] of workers.entries()) {
        for (const filter of hcm.filters) {
          if (filter.kind === "wasm") slots[index]!.push(await PluginSlot.start(filter.wasm, worker.vms, runtime));
        }
      }
    } catch (error) {
      for (const slot of slots.flat()) slot.stop();
      accessLogs.close();
      throw error;
    }
    return new FilterChain(hcm, workers, slots, accessLogs, runtime);
  }

  /** The filters of one stream, in the order of the request. */
  filters(stream: Stream, worker: Worker): StreamFilter[] {
    const slots = this.slots[this.#workers.indexOf(worker)]!.values();
    return this.hcm.filters.map((filter) => create(filter, stream, worker, slots));
  }

  /** From now on only connections that are already there use it; their responses ask more and more often to close. */
  drain(): void {
    this.#drainingSince = this.runtime.clock.now();
  }

  /** Whether this response ends its connection for the sake of draining (Envoy: `DrainManagerImpl::drainClose`, gradual). */
  get closesForDrain(): boolean {
    if (this.#drainingSince === undefined) return false;
    const elapsed = Number((this.runtime.clock.now() - this.#drainingSince) / 1_000_000n);
    return this.runtime.random() * DRAIN_TIME_MS < elapsed;
  }

  /** Ends the plugins and the logs. */
  stop(): void {
    this.accessLogs.close();
    for (const slot of this.slots.flat()) slot.stop();
  }
}

function create(filter: HttpFilter, stream: Stream, worker: Worker, slots: Iterator<PluginSlot>): StreamFilter {
  switch (filter.kind) {
    case "wasm":
      return new WasmFilter(stream, slots.next().value!, worker.clusters);
    case "stateful_session":
      return new StatefulSession(stream, filter.session);
    case "router":
      return new Router(stream, { worker: worker.id, clusters: worker.clusters, pools: worker.pools });
  }
}
