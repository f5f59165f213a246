/** as-pect's configuration: the specs of the filter's modules. */
import { randomInt } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { inProject } from "./project.js";

type Imports = Record<string, Record<string, unknown>>;
type Bytes = Uint8Array<ArrayBuffer>;

/** Where the randomised specs start; printed, and taken back from LIMPET_SEED to repeat a run. */
const seed = Number(process.env.LIMPET_SEED ?? randomInt(2 ** 31));
console.log(`LIMPET_SEED=${seed}`);

const FOLDER = "test/assembly";
// LIMPET_SPEC=json runs only the specs with that in their path.
const specs = readdirSync(inProject(FOLDER), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".spec.ts") && name.includes(process.env.LIMPET_SPEC ?? ""))
  .map((name) => join(FOLDER, name))
  .sort();

export default {
  // All specs in one module: to compile each on its own takes many times as long.
  entries: specs.slice(0, 1),
  include: specs.slice(1),

  async instantiate(
    memory: WebAssembly.Memory,
    createImports: (imports: Imports) => Imports,
    instantiate: (binary: Bytes, imports: Imports) => unknown,
    binary: Bytes,
  ) {
    const stubs = hostStubs(binary);
    return instantiate(binary, createImports({ ...stubs, env: { ...stubs.env, memory }, spec: { seed: () => seed } }));
  },
};

/** The host functions that a module imports: pure modules call none of them, so a call is a failure by its name. */
function hostStubs(binary: Bytes): Imports {
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
