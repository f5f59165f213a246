/** Compiles a filter. Throws ModuleError. */
export async function loadModule(bytes: Uint8Array): Promise<WebAssembly.Module> {
  return WebAssembly.compile(bytes);
}
