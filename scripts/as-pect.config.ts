/** as-pect's configuration: the specs of the filter's modules, each compiled and run on its own. */
import { randomInt } from "node:crypto";

type Imports = Record<string, Record<string, unknown>>;

/** Where the randomised specs start; printed, and taken back from LIMPET_SEED to repeat a run. */
const seed = Number(process.env.LIMPET_SEED ?? randomInt(2 ** 31));
console.log(`LIMPET_SEED=${seed}`);

export default {
  entries: ["test/assembly/**/*.spec.ts"],
  include: ["test/assembly/**/*.include.ts"],
  disclude: [/node_modules/],
  outputBinary: false,

  async instantiate(
    memory: WebAssembly.Memory,
    createImports: (imports: Imports) => Imports,
    instantiate: (binary: Uint8Array<ArrayBuffer>, imports: Imports) => unknown,
    binary: Uint8Array<ArrayBuffer>,
  ) {
    const stubs = hostStubs(binary);
    return instantiate(binary, createImports({ ...stubs, env: { ...stubs.env, memory }, spec: { seed: () => seed } }));
  },
};

/** The host functions that a module imports: pure modules call none of them, so a call is a failure by its name. */
function hostStubs(binary: Uint8Array<ArrayBuffer>): Imports {
  const stubs: Imports = {};
  for (const { module, name, kind } of WebAssembly.Module.imports(new WebAssembly.Module(binary))) {
    if (kind !== "function" || !(name.startsWith("proxy_") || module === "wasi_snapshot_preview1")) continue;
    stubs[module] ??= {};
    stubs[module][name] = () => {
      throw new Error(`the module under test called the host function ${name}`);
    };
  }
  return stubs;
}
