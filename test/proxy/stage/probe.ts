import { ensureTestFilter } from "../../test-filters.js";

/** The compiled probe, from the project's root, which is where engines look for it. */
export const PROBE = "build/probe.wasm";

/** Compiles the filter that tests script (test/assembly/probe), unless it is there already. */
export async function ensureProbe(): Promise<void> {
  await ensureTestFilter("probe");
}
