/** Limpet's filter alone, in the simulator's host: which servers it proposes, without a network. */
import { readFileSync } from "node:fs";
import {
  createHostServices,
  createVm,
  HeaderMap,
  loadModule,
  type Plugin,
  type StreamHost,
  type WasmVm,
} from "../../../host-sim/wasm-host/index.js";
import { FILTER } from "../../../scripts/build.js";
import { inProject } from "../../../scripts/project.js";
import type { Client } from "./agreement.js";
import type { Pool } from "./pools.js";

const HANDOFF = "x-limpet-upstream";

/** A hash rule as the user writes it. */
export type HashRule = Record<string, unknown>;

/** Limpet's configuration for a pool; the hand-off names several servers, best first. */
export function configuration(pool: Pool, rule: HashRule, handoff = "override_host"): Record<string, unknown> {
  return { servers: pool.servers, rules: [{ hash: rule }], handoff: { [handoff]: { header: HANDOFF } } };
}

export class Limpet {
  private constructor(
    private readonly vm: WasmVm,
    private readonly log: string[],
  ) {}

  /** The filter that `npm run build` made. */
  static async load(): Promise<Limpet> {
    const log: string[] = [];
    const services = createHostServices({ log: (_level, _plugin, message) => void log.push(message) });
    const module = await loadModule(readFileSync(inProject(FILTER)));
    return new Limpet(
      await createVm(module, services, { vmId: "", vmConfiguration: new Uint8Array(), environment: {} }),
      log,
    );
  }

  /** The ids of the servers that each client would be sent to, best first; none: Envoy's load balancer decides. */
  proposals(pool: Pool, rule: HashRule, clients: Client[]): string[][] {
    const ids = new Map(pool.servers.map(({ id, address }) => [address, id]));
    const plugin = this.#start(configuration(pool, rule));
    const proposals = clients.map((client) => {
      const list = decide(plugin, client);
      return list === undefined ? [] : list.split(",").map((address) => ids.get(address) ?? `unknown ${address}`);
    });
    plugin.stop();
    return proposals;
  }

  #start(config: Record<string, unknown>): Plugin {
    const bytes = Buffer.from(JSON.stringify(config));
    try {
      return this.vm.startPlugin({ name: "limpet", rootId: "limpet", configuration: bytes });
    } catch (error) {
      throw new Error(`${error}\n${this.log.join("\n")}\n${bytes}`);
    }
  }
}

function decide(plugin: Plugin, client: Client): string | undefined {
  const headers = new HeaderMap("request", [
    [":method", "GET"],
    [":path", "/"],
    ...(client.key === undefined ? [] : ([["x-key", client.key]] as [string, string][])),
  ]);
  const stream = plugin.createStream(new OneRequest(headers, client.address));
  stream.onRequestHeaders(true);
  stream.end();
  return headers.get(HANDOFF);
}

/** A request that ends before any response. */
class OneRequest implements StreamHost {
  constructor(
    readonly request: HeaderMap,
    readonly address: string | undefined,
  ) {}

  headers(direction: string) {
    return direction === "request" ? this.request : undefined;
  }

  property(path: string[]) {
    if (path.join(".") !== "source.address" || this.address === undefined) return undefined;
    const host = this.address.includes(":") ? `[${this.address}]` : this.address;
    return Buffer.from(`${host}:40000`);
  }

  trailers = () => undefined;
  body = () => undefined;
  setBody() {}
  setProperty() {}
  sendLocalReply() {}
  continueStream() {}
  closeStream() {}
  clearRouteCache() {}
}
