/** Several workers with the filter on one clock, as clients see them: each visit on a worker of its own. */

import { formatKeys, newKey } from "../../host-sim/tokens/keys.js";
import { createVm, type Plugin, SharedData } from "../../host-sim/wasm-host/index.js";
import { randomFractions } from "../../scripts/random.js";
import { asStruct, type Configuration, filterModule } from "../filter/filter.js";
import { handoffOf, type Visited, visit } from "../filter/visit.js";
import { testServices } from "../wasm-host/harness.js";

const KEYS = formatKeys([newKey("k1")]);

/** A configuration with so many servers, S1 at 127.0.0.1:8001 and so on; `states` are of the first ones. */
export function configuration(servers: number, more: Configuration, states: string[] = []): Configuration {
  const list = Array.from({ length: servers }, (_, i) => ({
    id: `S${i + 1}`,
    address: addressOf(i),
    state: states[i] ?? "up",
  }));
  return { keys: KEYS, servers: list, ...more };
}

const addressOf = (server: number) => `127.0.0.1:${8001 + server}`;

/** A client with its one cookie. */
export interface Client {
  cookie?: string;
}

export class Fleet {
  #plugins: Plugin[] = [];
  #configuration: Configuration = {};

  private constructor(
    private readonly services: ReturnType<typeof testServices>,
    private readonly vms: Awaited<ReturnType<typeof createVm>>[],
  ) {}

  static async of(workers: number, config: Configuration): Promise<Fleet> {
    const random = randomFractions(1);
    const fill = (target: Uint8Array) => {
      for (let i = 0; i < target.length; i++) target[i] = random() * 256;
    };
    const services = { ...testServices({ random: fill }), sharedData: new SharedData() };
    const options = { vmId: "", vmConfiguration: new Uint8Array(), environment: {} };
    const vms = [];
    for (let i = 0; i < workers; i++) vms.push(await createVm(filterModule, services, options));
    const fleet = new Fleet(services, vms);
    fleet.configure(config);
    return fleet;
  }

  /** All workers take a new configuration; the old one ends when its last stream has, and here it has none. */
  configure(config: Configuration): void {
    const old = this.#plugins;
    this.#configuration = config;
    this.#plugins = this.vms.map((vm) =>
      vm.startPlugin({ name: "limpet", rootId: "limpet", configuration: asStruct(config) }),
    );
    for (const plugin of old) plugin.stop();
  }

  /** The configuration ends, and nothing follows. */
  end(): void {
    for (const plugin of this.#plugins) plugin.stop();
    this.#plugins = [];
  }

  get workers(): number {
    return this.vms.length;
  }

  /** Seconds since the epoch. */
  get now(): number {
    return Number(this.services.clock.now() / 1_000_000_000n);
  }

  passes(seconds: number): void {
    this.services.clock.advance(seconds * 1000);
  }

  /** A request of the client, who keeps its cookie. `placed` serves where nobody is asked for, `insisting` whoever is. */
  visit(worker: number, client: Client, placed: number, insisting = false, headers: [string, string][] = []): Visited {
    const request = client.cookie === undefined ? {} : { headers: [["cookie", client.cookie] as [string, string]] };
    const response = { servedBy: addressOf(placed), whoeverIsAsked: insisting, headers };
    const visited = visit(this.#plugins[worker]!, request, response, handoffOf(this.#configuration));
    const set = visited.response.find(([name]) => name === "set-cookie")?.[1];
    if (set !== undefined) client.cookie = set.split(";")[0];
    return visited;
  }

  /** Index of the server that answered. */
  static serverOf({ servedBy }: Visited): number {
    return Number(servedBy?.slice(-4)) - 8001;
  }

  /** A metric of the policy; below nothing it is negative here. 0 where there is none. */
  metric(name: string): number {
    return Number(BigInt.asIntN(64, this.services.metrics.value(`limpet.policy.default.${name}`) ?? 0n));
  }

  /** The live sessions of each server. */
  sessions(servers: number): number[] {
    return Array.from({ length: servers }, (_, i) => this.metric(`server.S${i + 1}.sessions`));
  }
}
