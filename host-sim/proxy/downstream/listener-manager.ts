import { isDeepStrictEqual } from "node:util";
import { type Listener as ListenerConfig, parseListeners } from "../../envoy-config/index.js";
import type { Clusters } from "../upstream/clusters.js";
import { FilterChain } from "./filter-chain.js";
import { Listener } from "./listener.js";
import type { ListenerContext } from "./listener-context.js";

/** Makes, changes and removes the listeners of the process. */
export class ListenerManager {
  readonly listeners = new Map<string, Listener>();
  /** Those that are gone, with the connections that they still have. */
  readonly #draining = new Set<Listener>();
  /** Those that a discovery file has brought. */
  readonly #discovered = new Set<string>();

  /** @param print takes the access logs that go to stdout */
  constructor(
    private readonly context: ListenerContext,
    private readonly clusters: Clusters,
    private readonly lenient: boolean,
    private readonly print: (text: string) => void,
  ) {}

  /** Adds a listener, or gives the one of that name its new configuration; what it had stays if that is refused. */
  async set(config: ListenerConfig): Promise<void> {
    const { runtime, workers } = this.context;
    const chain = await FilterChain.start(config.hcm, [...workers], runtime, this.print);
    const known = this.listeners.get(config.name);
    if (known !== undefined && isDeepStrictEqual(known.config.address, config.address)) {
      known.replace(config, chain);
      return;
    }
    try {
      this.listeners.set(config.name, await Listener.start(config, chain, this.context));
    } catch (error) {
      chain.stop();
      throw error;
    }
    if (known !== undefined) this.#drain(known);
  }

  /** Takes the listeners of an LDS file in place of those that came from it before. */
  async update(text: string, path: string): Promise<void> {
    const { resources, ignored } = parseListeners(text, path, {
      lenient: this.lenient,
      clusters: this.clusters.keys(),
    });
    for (const field of ignored) this.context.runtime.log("warn", "config", `not understood, ignored: ${field}`);
    const names = new Set(resources.map(({ name }) => name));
    for (const name of this.#discovered) if (!names.has(name)) this.#remove(name);
    const refusals: string[] = [];
    for (const config of resources) {
      if (isDeepStrictEqual(this.listeners.get(config.name)?.config, config)) continue;
      try {
        await this.set(config);
        this.#discovered.add(config.name);
      } catch (error) {
        // While there is no listener yet, the error itself tells why the simulator does not start.
        if (this.#discovered.size === 0) throw error;
        refusals.push(`${config.name}: ${(error as Error).message}`);
      }
    }
    if (refusals.length > 0) throw new Error(`listener ${refusals.join("; listener ")}`);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.listeners.values(), ...this.#draining].map((listener) => listener.stop()));
    this.listeners.clear();
    this.#draining.clear();
  }

  #remove(name: string): void {
    this.#discovered.delete(name);
    const listener = this.listeners.get(name);
    this.listeners.delete(name);
    if (listener !== undefined) this.#drain(listener);
  }

  #drain(listener: Listener): void {
    this.#draining.add(listener);
    listener.drain();
  }
}
