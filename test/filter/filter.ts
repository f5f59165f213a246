/** The filter as it is built, in the wasm host: how the tests of this folder start it. */
import { readFileSync } from "node:fs";
import { structBytes } from "../../host-sim/envoy-config/struct-bytes.js";
import { createVm, loadModule, type Plugin, PluginRefused } from "../../host-sim/wasm-host/index.js";
import type { Vm } from "../../host-sim/wasm-host/vm.js";
import { ensureFilter, FILTER } from "../../scripts/build.js";
import { inProject } from "../../scripts/project.js";
import { testServices } from "../wasm-host/harness.js";

/** A configuration as YAML gives it. */
export type Configuration = Record<string, unknown>;

/** The module's bytes, built from the sources as they are. */
export const filterBytes = await ensureFilter().then(() => readFileSync(inProject(FILTER)));

export const filterModule = await loadModule(filterBytes);

/** The configuration as Envoy hands it over where the YAML has a `google.protobuf.Struct`. */
export const asStruct = structBytes;

/** The configuration as Envoy hands it over where the YAML has JSON in a `google.protobuf.StringValue`. */
export const asJson = (configuration: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(configuration));

/** One worker's VM with its services: a clock that stands still, random numbers that repeat, a log to read. */
export async function startVm(environment: Record<string, string> = {}) {
  let random = 0;
  const services = testServices({
    random: (target) => {
      for (let i = 0; i < target.length; i++) target[i] = random++;
    },
  });
  const options = { vmId: "limpet", vmConfiguration: new Uint8Array(), environment };
  const vm = (await createVm(filterModule, services, options)) as Vm;
  return {
    vm,
    services,
    /** Starts a root context; throws PluginRefused. */
    start: (configuration: Uint8Array): Plugin => vm.startPlugin({ name: "limpet", rootId: "limpet", configuration }),
    /** The lines that the filter logs when it refuses the configuration; none if it takes it. */
    complaints(configuration: Uint8Array): string[] {
      try {
        vm.startPlugin({ name: "limpet", rootId: "limpet", configuration }).stop();
        return [];
      } catch (error) {
        if (error instanceof PluginRefused) return error.logs.map(({ message }) => message);
        throw error;
      }
    },
  };
}

export type FilterVm = Awaited<ReturnType<typeof startVm>>;

/** Three servers, and the cookie SERVERID as HAProxy has it by `insert indirect nocache`. */
export const STICKY: Configuration = {
  servers: [
    { id: "S1", address: "127.0.0.1:8001" },
    { id: "S2", address: "127.0.0.1:8002" },
    { id: "S3", address: "127.0.0.1:8003" },
  ],
  rules: [{ pin: { cookie: { name: "SERVERID", value: "server_id" } } }],
};

/** Where the randomised tests start: printed, and taken back from LIMPET_SEED to repeat a run. */
export function seed(): number {
  const seed = Number(process.env.LIMPET_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`LIMPET_SEED=${seed}`);
  return seed;
}
