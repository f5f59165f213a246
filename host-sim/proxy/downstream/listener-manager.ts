import { isDeepStrictEqual } from "node:util";
import { type Listener as ListenerConfig, parseListeners } from "../../envoy-config/index.js";
import type { Clusters } from "../upstream/clusters.js";
import { FilterChain } from "./filter-chain.js";
import { Listener, type ListenerContext } from "./listener.js";

/** Makes, changes and removes the listeners of the process. */
export class ListenerManager {
  readonly listeners = new Map<string, Listener>();
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
    await known?.stop();
  }

  /** Takes the listeners of an LDS file in place of those that came from it before. */
  async update(text: string, path: string): Promise<void> {
    const { resources, ignored } = parseListeners(text, path, {
      lenient: this.lenient,
      clusters: this.clusters.keys(),
    });
    for (const field of ignored) this.context.runtime.log("warn", "config", `not understood, ignored: ${field}`);
    const names = new Set(resources.map(({ name }) => name));
    for (const name of this.#discovered) if (!names.has(name)) await this.#remove(name);
    for (const config of resources) {
      if (isDeepStrictEqual(this.listeners.get(config.name)?.config, config)) continue;
      await this.set(config);
      this.#discovered.add(config.name);
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.listeners.values()].map((listener) => listener.stop()));
    this.listeners.clear();
  }

  async #remove(name: string): Promise<void> {
    this.#discovered.delete(name);
    const listener = this.listeners.get(name);
    this.listeners.delete(name);
    await listener?.stop();
  }
}
