/** What the filter itself says of a configuration: the real module's `proxy_on_configure`, in the wasm host. */
import { readFileSync } from "node:fs";
import { createHostServices, createVm, loadModule, PluginRefused } from "../wasm-host/index.js";

/** Complaints of a configuration's bytes, one a line, without the filter's name in front; none if it is taken. */
export type Verdict = (configuration: Uint8Array) => Promise<string[]>;

/** Any key: whether a file's keys open anything is not asked here. */
const SOME_KEY = `check:${Buffer.alloc(32, 7).toString("base64url")}`;

/** Asks the module in that file; with `hasKeys` the environment brings LIMPET_KEYS. */
export async function verdictOf(moduleFile: string): Promise<(hasKeys: boolean) => Verdict> {
  const module = await loadModule(readFileSync(moduleFile));
  return (hasKeys) => async (configuration) => {
    const environment: Record<string, string> = hasKeys ? { LIMPET_KEYS: process.env.LIMPET_KEYS ?? SOME_KEY } : {};
    const vmOptions = {
      vmId: "",
      vmConfiguration: new Uint8Array(),
      environment,
    };
    const vm = await createVm(module, createHostServices({ log: () => {} }), vmOptions);
    try {
      vm.startPlugin({ name: "limpet", rootId: "limpet", configuration }).stop();
      return [];
    } catch (error) {
      if (!(error instanceof PluginRefused)) throw error;
      return error.logs.map(({ message }) => message.replace(/^limpet: /, ""));
    }
  };
}
