import { envoy } from "./envoy.js";
import { simulator } from "./simulator.js";
import type { Target } from "./target.js";

const engines: Target[] = [simulator, envoy];

/** The engines that every scenario runs on; only the one that LIMPET_TARGET names, if it is set. */
export const targets: Target[] = (() => {
  const wanted = process.env.LIMPET_TARGET;
  if (!wanted) return engines;
  const found = engines.filter((target) => target.name === wanted);
  if (found.length === 0) {
    throw new Error(`LIMPET_TARGET: expected one of ${engines.map(({ name }) => name).join(", ")}; got "${wanted}"`);
  }
  return found;
})();
