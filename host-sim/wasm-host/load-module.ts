import { ABI_VERSIONS, type AbiVersion } from "./abi.js";
import { CALLBACK_NAMES, callbackSignature } from "./callbacks.js";
import { ModuleError } from "./errors.js";
import { importableHostCall } from "./host-calls/table.js";
import { moduleTypes } from "./module-types.js";

/**
 * Compiles a filter, and checks what Envoy checks when it loads one: the ABI version that it
 * declares, its allocator, and that the types of its imports and callbacks are the ABI's.
 * @throws ModuleError which names the import or export.
 */
export async function loadModule(bytes: Uint8Array): Promise<WebAssembly.Module> {
  let module: WebAssembly.Module;
  try {
    module = await WebAssembly.compile(bytes);
  } catch (cause) {
    throw new ModuleError(`not a WebAssembly module that can be compiled: ${(cause as Error).message}`, { cause });
  }
  const abi = abiVersion(module);
  const types = moduleTypes(bytes);
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    const hostCall = importableHostCall(from, name, kind, abi);
    const signature = types.imports.get(`${from}.${name}`);
    if (signature !== hostCall.signature) {
      throw new ModuleError(
        `import ${from}.${name} has the wrong type: expected ${hostCall.signature}, found ${signature} (i = i32, l = i64)`,
      );
    }
  }
  for (const name of CALLBACK_NAMES) {
    const expected = callbackSignature(name, abi);
    const found = types.exports.get(name);
    if (found !== undefined && found !== expected) {
      throw new ModuleError(`export ${name} has the wrong type: expected ${expected}, found ${found} (i = i32)`);
    }
  }
  requireExports(module);
  return module;
}

/** The first `proxy_abi_version_*` that the module exports, as Envoy looks for it. */
export function abiVersion(module: WebAssembly.Module): AbiVersion {
  const declared = WebAssembly.Module.exports(module)
    .map(({ name }) => /^proxy_abi_version_(\d+)_(\d+)_(\d+)$/.exec(name)?.slice(1).join("."))
    .filter((version) => version !== undefined);
  const known = declared.find((version) => (ABI_VERSIONS as readonly string[]).includes(version));
  if (known !== undefined) return known as AbiVersion;
  const found = declared.length === 0 ? "none" : declared.join(", ");
  throw new ModuleError(
    `no known proxy-wasm ABI version: expected an export proxy_abi_version_X_Y_Z for one of ${ABI_VERSIONS.join(", ")}; found ${found}`,
  );
}

/** What a module cannot do without. */
function requireExports(module: WebAssembly.Module): void {
  const exports = new Map(WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind]));
  if (exports.get("memory") !== "memory") throw new ModuleError('the module exports no memory named "memory"');
  if (!exports.has("malloc") && !exports.has("proxy_on_memory_allocate")) {
    throw new ModuleError("the module exports no allocator: expected proxy_on_memory_allocate or malloc");
  }
}
