import { type Bootstrap, type Listener as ListenerConfig, loadBootstrap } from "./envoy-config/index.js";
import { Admin } from "./proxy/admin/admin.js";
import { FilterChain } from "./proxy/downstream/filter-chain.js";
import { Listener, type ListenerContext } from "./proxy/downstream/listener.js";
import { type RequestLogEntry, requestLogEntry } from "./proxy/request-log.js";
import type { Runtime } from "./proxy/runtime.js";
import { Stats } from "./proxy/stats.js";
import { ClusterManager } from "./proxy/upstream/cluster-manager.js";
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
  readonly #listeners = new Map<string, Listener>();
  #admin: Admin | undefined;
  #connections = 0;
  #ready = false;

  private constructor(
    private readonly bootstrap: Bootstrap,
    private readonly options: SimulatorOptions,
  ) {
    const { log = logToStderr, clock = machineClock, random = Math.random } = options;
    this.#runtime = { stats: new Stats(), clock, random, log };
    this.#services = createHostServices({
      log: (level, plugin, message) => log(level, "wasm", `${plugin}: ${message}`),
      logLevel: options.logLevel,
      clock,
    });
    this.#clusters = new ClusterManager(this.#runtime);
    const codes = new CodeCache();
    this.#workers = Array.from(
      { length: options.concurrency ?? 2 },
      (_, id) => new Worker(id, this.#clusters.clusters, this.#services, codes),
    );
    this.#clusters.workers = this.#workers;
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
    for (const cluster of clusters) await this.#clusters.set(cluster, false);
    if (admin !== undefined) {
      this.#admin = await Admin.start(admin, {
        clusters: this.#clusters.clusters,
        stats: this.#runtime.stats,
        metrics: this.#services.metrics,
        statsConfig: stats,
        isReady: () => this.#ready,
      });
    }
    for (const listener of listeners) await this.#listen(listener);
    this.#ready = true;
  }

  async #listen(config: ListenerConfig): Promise<void> {
    const print = this.options.accessLog ?? ((text: string) => process.stdout.write(text));
    const chain = await FilterChain.start(config.hcm, this.#workers, this.#runtime, print);
    const context: ListenerContext = {
      runtime: this.#runtime,
      workers: this.#workers,
      nextConnectionId: () => this.#connections++,
      onStreamEnd: (stream) => this.options.onRequest?.(requestLogEntry(stream)),
    };
    this.#listeners.set(config.name, await Listener.start(config, chain, context));
  }

  /** The listener of that name and the port on which it accepts. Throws if there is none. */
  listener(name: string): { port: number } {
    const listener = this.#listeners.get(name);
    if (listener === undefined)
      throw new Error(`no listener ${name}; there are ${[...this.#listeners.keys()].join(", ")}`);
    return { port: listener.port };
  }

  /** The admin listener's port; undefined if the file has none. */
  get adminPort(): number | undefined {
    return this.#admin?.port;
  }

  /** The metrics that filters have defined. */
  get metrics(): HostServices["metrics"] {
    return this.#services.metrics;
  }

  /** Closes every socket at once and ends the filters. Safe to call twice. */
  async stop(): Promise<void> {
    this.#ready = false;
    await Promise.all([...this.#listeners.values()].map((listener) => listener.stop()));
    this.#listeners.clear();
    await this.#admin?.stop();
    this.#admin = undefined;
    for (const worker of this.#workers) worker.pools.close();
  }
}

function logToStderr(level: LogLevel, component: string, message: string): void {
  process.stderr.write(`[${level}][${component}] ${message}\n`);
}
