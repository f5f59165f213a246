import type { HostServices, VmOptions, WasmVm } from "./types.js";

export async function createVm(
  _module: WebAssembly.Module,
  _services: HostServices,
  _options: VmOptions,
): Promise<WasmVm> {
  throw new Error("being written");
}
