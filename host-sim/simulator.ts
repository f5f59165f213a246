import { isDeepStrictEqual } from "node:util";
import { type Bootstrap, type Listener as ListenerConfig, loadBootstrap } from "./envoy-config/index.js";
import { Admin } from "./proxy/admin/admin.js";
import type { AdminContext } from "./proxy/admin/context.js";
import { Subscription } from "./proxy/discovery/subscription.js";
import type { ListenerContext } from "./proxy/downstream/listener-context.js";
import { ListenerManager } from "./proxy/downstream/listener-manager.js";
import { type RequestLogEntry, requestLogEntry } from "./proxy/request-log.js";
import type { Runtime } from "./proxy/runtime.js";
import { type Stat, Stats } from "./proxy/stats.js";
import { ClusterManager } from "./proxy/upstream/cluster-manager.js";
import type { Clusters } from "./proxy/upstream/clusters.js";
import { CodeCache } from "./proxy/wasm/worker-vms.js";
import { Worker } from "./proxy/worker.js";
import { type Clock, createHostServices, type HostServices, type LogLevel, machineClock } from "./wasm-host/index.js";

export interface SimulatorOptions {
  /** The configuration, or the file that holds it. */
  bootstrap: Bootstrap | { file: string; lenient?: boolean };
  /** Workers, each with its own VMs: Envoy's `--concurrency`. 2 unless told. */
  concurrency?: number;
  /** The log of the simulator, and of its filters (component `wasm`); stderr at `info` unless told. */
  log?: (level: LogLevel, component: string, message: string) => void;
  /** What filters are told that the log's level is; `info` unless told. */
  logLevel?: LogLevel;
  /** Access logs that go to stdout. */
  accessLog?: (text: string) => void;
  /** Every request that is over. */
  onRequest?: (entry: RequestLogEntry) => void;
  /** Pages at the admin address besides Envoy's. */
  adminPages?: AdminContext["morePages"];
  clock?: Clock;
  /** Numbers in [0, 1), as Math.random. */
  random?: () => number;
}

/** A running simulator: Envoy's data plane for one configuration, in this process. */
export class Simulator {
  readonly #runtime: Runtime;
  readonly #services: HostServices;
  readonly #workers: Worker[];
  readonly #clusters: ClusterManager;
  readonly #listeners: ListenerManager;
  readonly #adminPages: AdminContext["morePages"];
  readonly #subscriptions: Subscription[] = [];
  #admin: Admin | undefined;
  #ready = false;

  private constructor(
    private readonly bootstrap: Bootstrap,
    options: SimulatorOptions,
  ) {
    const { log = logToStderr, clock = machineClock, random = Math.random, logLevel, onRequest } = options;
    const runtime = { stats: new Stats(), clock, random, log };
    const logFilter = (level: LogLevel, plugin: string, message: string) => log(level, "wasm", `${plugin}: ${message}`);
    const lenient = "file" in options.bootstrap && options.bootstrap.lenient === true;
    this.#runtime = runtime;
    this.#adminPages = options.adminPages;
    this.#services = createHostServices({ log: logFilter, logLevel, clock });
    this.#clusters = new ClusterManager(runtime, lenient);
    const { clusters } = this.#clusters;
    const codes = new CodeCache();
    this.#workers = Array.from(
      { length: options.concurrency ?? 2 },
      (_, id) => new Worker(id, clusters, this.#services, codes),
    );
    this.#clusters.workers = this.#workers;
    let connections = 0;
    const context: ListenerContext = {
      runtime,
      workers: this.#workers,
      nextConnectionId: () => connections++,
      onStreamEnd: (stream) => onRequest?.(requestLogEntry(stream)),
    };
    const print = options.accessLog ?? ((text: string) => process.stdout.write(text));
    this.#listeners = new ListenerManager(context, clusters, lenient, print);
  }

  /**
   * Starts everything that the file says; what has been started is stopped again if something fails.
   * @throws EnvoyConfigError for the file, PortTaken for an address, PluginRefused with what the filter
   * logged, ModuleError or the file system's error for a filter's code
   */
  static async start(options: SimulatorOptions): Promise<Simulator> {
    const { bootstrap } = options;
    const loaded = "file" in bootstrap ? loadBootstrap(bootstrap.file, { lenient: bootstrap.lenient }) : bootstrap;
    const simulator = new Simulator(loaded, options);
    try {
      await simulator.#start();
    } catch (error) {
      await simulator.stop();
      throw error;
    }
    return simulator;
  }

  async #start(): Promise<void> {
    const { admin, clusters, listeners, ignored, stats } = this.bootstrap;
    for (const field of ignored) this.#runtime.log("warn", "config", `not understood, ignored: ${field}`);
    // The admin page first: a cluster of the file may point at it.
    if (admin !== undefined) {
      this.#admin = await Admin.start(admin, {
        clusters: this.#clusters.clusters,
        stats: this.#runtime.stats,
        metrics: this.#services.metrics,
        statsConfig: stats,
        isReady: () => this.#ready,
        morePages: this.#adminPages,
      });
    }
    await Promise.all(clusters.map((cluster) => this.#clusters.set(cluster, false)));
    const { cdsPath, cdsWatchedDirectory, ldsPath, ldsWatchedDirectory } = this.bootstrap;
    await this.#subscribe(cdsPath, cdsWatchedDirectory, (text, path) => this.#clusters.update(text, path));
    for (const listener of listeners) await this.#listeners.set(listener);
    await this.#subscribe(ldsPath, ldsWatchedDirectory, (text, path) => this.#listeners.update(text, path));
    this.#ready = true;
  }

  async #subscribe(
    path: string | undefined,
    watchedDirectory: string | undefined,
    apply: (text: string, path: string) => Promise<void>,
  ): Promise<void> {
    if (path === undefined) return;
    const subscription = await Subscription.start(path, watchedDirectory, (text) => apply(text, path), this.#runtime);
    this.#subscriptions.push(subscription);
  }

  /**
   * Gives listeners another configuration, as LDS would: those that differ from what runs.
   * @throws what `start` throws; a listener that is refused stays as it was
   */
  async setListeners(configs: readonly ListenerConfig[]): Promise<void> {
    for (const config of configs) {
      if (!isDeepStrictEqual(this.#listeners.listeners.get(config.name)?.config, config)) {
        await this.#listeners.set(config);
      }
    }
  }

  /** The listener of that name and the port on which it accepts. Throws if there is none. */
  listener(name: string): { port: number } {
    const { listeners } = this.#listeners;
    const listener = listeners.get(name);
    if (listener === undefined) throw new Error(`no listener ${name}; there are: ${[...listeners.keys()].join(", ")}`);
    return { port: listener.port };
  }

  /** The admin listener's port; undefined if the file has none. */
  get adminPort(): number | undefined {
    return this.#admin?.port;
  }

  /** The clusters as they are now, by name. */
  get clusters(): Clusters {
    return this.#clusters.clusters;
  }

  /** The metrics that filters have defined. */
  get metrics(): HostServices["metrics"] {
    return this.#services.metrics;
  }

  /** Envoy's own counters and gauges, as they are now, sorted by name. */
  get stats(): Stat[] {
    return this.#runtime.stats.all();
  }

  /** Closes every socket at once and ends the filters. Safe to call twice. */
  async stop(): Promise<void> {
    this.#ready = false;
    await Promise.all(this.#subscriptions.map((subscription) => subscription.stop()));
    await this.#clusters.stop();
    await this.#listeners.stop();
    await this.#admin?.stop();
    this.#admin = undefined;
    for (const worker of this.#workers) worker.pools.close();
  }
}

function logToStderr(level: LogLevel, component: string, message: string): void {
  process.stderr.write(`[${level}][${component}] ${message}\n`);
}
