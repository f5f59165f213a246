import { ABI_VERSIONS, type AbiVersion } from "../abi.js";
import type { Vm } from "../vm.js";

/** One row of the table: a function that a module may import. */
export interface HostCall {
  module: "env" | "wasi_snapshot_preview1";
  name: string;
  /** Parameters and result, one letter a value: i = i32, l = i64. */
  signature: string;
  /** The ABI versions whose modules may import it; another's import is refused, as by Envoy. */
  abi: readonly AbiVersion[];
  /** Whether proxy-wasm/spec v0.2.1 names it; the others are in Envoy's host. */
  specified: boolean;
  /**
   * What it does. i32 arguments come as unsigned numbers, i64 ones as bigints; the result is a
   * status or errno. A row without it may be imported, and traps by its name when called.
   */
  call?: HostFunction;
  /** What a user of the table should know, for the support page. */
  note?: string;
}

/** `never` lets each function declare its own number and kinds of arguments. */
export type HostFunction = (vm: Vm, ...args: never[]) => number | undefined;

type Extra = Partial<Pick<HostCall, "abi" | "specified" | "note">>;

/** A row of `env`; in the specification and in all ABI versions unless said otherwise. */
export function env(name: string, signature: string, call?: HostFunction, extra: Extra = {}): HostCall {
  return { module: "env", name, signature, call, abi: ABI_VERSIONS, specified: true, ...extra };
}

/** A row of WASI; importable from `wasi_unstable` too, as in Envoy. */
export function wasi(name: string, signature: string, call: HostFunction, extra: Extra = {}): HostCall {
  return { module: "wasi_snapshot_preview1", name, signature, call, abi: ABI_VERSIONS, specified: true, ...extra };
}
