/** Everything that is fuzzed. */
import { admin } from "./admin.js";
import { configurations } from "./configuration.js";
import { simulator } from "./simulator.js";
import { streams } from "./streams.js";
import type { NodeTarget, WasmTarget } from "./target.js";

export const WASM_TARGETS: readonly WasmTarget[] = [...streams, admin, ...configurations];
export const NODE_TARGETS: readonly NodeTarget[] = simulator;
