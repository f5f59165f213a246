import type { LogLevel } from "./types.js";

/** A line that the filter logged through `proxy_log` or WASI's stdout and stderr. */
export interface LogLine {
  level: LogLevel;
  message: string;
}

/** The module cannot run in this host: not WebAssembly, no known ABI version, a missing export or an unknown import. */
export class ModuleError extends Error {
  override readonly name = "ModuleError";
}

/** `proxy_on_vm_start` or `proxy_on_configure` returned 0: carries what the filter logged at warn or above meanwhile. */
export class PluginRefused extends Error {
  override readonly name = "PluginRefused";

  constructor(
    readonly plugin: string,
    readonly callback: "proxy_on_vm_start" | "proxy_on_configure",
    readonly logs: readonly LogLine[],
  ) {
    const why =
      logs.length === 0
        ? "it logged nothing at warn or above"
        : logs.map(({ level, message }) => `\n  ${level}: ${message}`).join("");
    super(`the filter refused the configuration of plugin "${plugin}" (${callback} returned false): ${why}`);
  }
}

/**
 * The filter trapped (unreachable, out of bounds, stack overflow, a host call that this host does not
 * implement, ...). The VM is failed from then on.
 */
export class FilterTrapped extends Error {
  override readonly name = "FilterTrapped";

  constructor(
    /** The callback that the host had called, e.g. `proxy_on_request_headers`. */
    readonly callback: string,
    /** The runtime's message, e.g. `unreachable`. */
    readonly reason: string,
    /** Names of the wasm functions on the stack, innermost first; from the module's name section, else `wasm-function[N]`. */
    readonly wasmStack: readonly string[],
    options?: ErrorOptions,
  ) {
    const where = wasmStack.length === 0 ? "" : ` in ${wasmStack.join(" < ")}`;
    super(`${callback} trapped: ${reason}${where}`, options);
  }
}

/** Thrown through the guest, as a trap, by a host call that this host does not have. */
export class UnimplementedHostCall extends Error {
  override readonly name = "UnimplementedHostCall";

  constructor(hostCall: string) {
    super(`${hostCall} is not implemented by this host`);
  }
}

/** Thrown through the guest, as a trap, by a host call where Envoy does not allow it. */
export class RestrictedHostCall extends Error {
  override readonly name = "RestrictedHostCall";

  constructor(hostCall: string, where: string) {
    super(`${hostCall} may not be called from ${where}`);
  }
}
