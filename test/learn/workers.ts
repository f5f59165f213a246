/** Several workers' VMs with the filter and one shared data, as Envoy has them. */
import { createVm, type HeaderField, type Plugin, SharedData } from "../../host-sim/wasm-host/index.js";
import { asStruct, type Configuration, filterModule } from "../filter/filter.js";
import { handoffOf, type Visited, type VisitRequest, visit } from "../filter/visit.js";
import { type TestTools, testServices } from "../wasm-host/harness.js";

export const ADDRESSES = ["127.0.0.1:8001", "127.0.0.1:8002", "127.0.0.1:8003"];

/** Shared data that counts its bytes, and lets others do something between a worker's reading and writing. */
export class WatchedData extends SharedData {
  readonly sizes = new Map<string, number>();
  /** Called whenever a bucket has been read. */
  meanwhile = () => {};

  override get(vmId: string, key: string) {
    const value = super.get(vmId, key);
    this.meanwhile();
    return value;
  }

  override set(vmId: string, key: string, value: Uint8Array, cas: number) {
    const stored = super.set(vmId, key, value, cas);
    if (stored) this.sizes.set(key, value.length);
    return stored;
  }

  /** Sizes of the table's buckets. */
  get buckets(): number[] {
    return [...this.sizes].filter(([key]) => !key.startsWith("limpet.")).map(([, size]) => size);
  }
}

export function configuration(learn: object): Configuration {
  return {
    servers: ADDRESSES.map((address, i) => ({ id: `S${i + 1}`, address })),
    rules: [{ name: "learned", learn: { create: { cookie: "SID" }, lookup: { cookie: "SID" }, ...learn } }],
  };
}

export async function startWorkers(count: number, config: Configuration) {
  const data = new WatchedData();
  // Random numbers that repeat: so do the fingerprints' key, and how full each bucket gets.
  let random = 0;
  const fill = (target: Uint8Array) => {
    for (let i = 0; i < target.length; i++) target[i] = random++ * 151;
  };
  const services: ReturnType<typeof testServices> & TestTools = { ...testServices({ random: fill }), sharedData: data };
  const options = { vmId: "", vmConfiguration: new Uint8Array(), environment: {} };
  const start = async () => {
    const vm = await createVm(filterModule, services, options);
    return { vm, plugin: vm.startPlugin({ name: "limpet", rootId: "limpet", configuration: asStruct(config) }) };
  };
  const workers: Awaited<ReturnType<typeof start>>[] = [];
  for (let i = 0; i < count; i++) workers.push(await start());
  const handoff = handoffOf(config);
  return {
    workers,
    data,
    clock: services.clock,
    metric: (name: string) => Number(services.metrics.value(`limpet.policy.default.rule.learned.${name}`)),
    /** A request; `server` serves it where nobody is asked for. */
    visit: (plugin: Plugin, request: VisitRequest, server: number, headers: HeaderField[] = []): Visited =>
      visit(plugin, request, { servedBy: ADDRESSES[server], headers }, handoff),
    /** A request that the server answers with a new session. */
    learn(plugin: Plugin, id: string, server: number, attributes = "; Path=/"): void {
      this.visit(plugin, {}, server, [["set-cookie", `SID=${id}${attributes}`]]);
    },
    /** The index of the server asked for with that id, or -1. */
    ask(plugin: Plugin, id: string, server = 0): number {
      return ADDRESSES.indexOf(this.visit(plugin, { headers: [["cookie", `SID=${id}`]] }, server).asked[0] ?? "");
    },
  };
}
