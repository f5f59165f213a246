import type { GuardedVm } from "../guarded-vm.js";
import type { Play, WaitingCall } from "../life.js";

/** One thing to be fuzzed. */
export interface Target {
  name: string;
  /** What of the project reads the input. */
  about: string;
  /** Good inputs to start from, besides the kept ones. */
  seeds: Buffer[];
  /** What means something in an input. */
  tokens: string[];
}

/** In the filter. */
export interface WasmTarget extends Target {
  begin(vm: GuardedVm, calls: WaitingCall[]): Play;
  /** Inputs of one VM. */
  lifetime: number;
  /** Bytes that linear memory may grow to. */
  memory: number;
}

/** In the simulator. @throws what is not the simulator's own refusal */
export interface NodeTarget extends Target {
  begin(): Promise<{ play(input: Buffer): void | Promise<void>; end(): Promise<void> }>;
}
