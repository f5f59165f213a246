import { docker } from "./docker.js";
import { envoy } from "./envoy.js";
import { simulator } from "./simulator.js";
import type { Target } from "./target.js";

const engines: Target[] = [simulator, envoy];
const named: Target[] = [...engines, docker];

/**
 * The engines that every scenario runs on; only the one that LIMPET_TARGET names, if it is set. `docker` is to be
 * named, since it needs a daemon and images: the Vitest project of the same name has them.
 */
export const targets: Target[] = (() => {
  const wanted = process.env.LIMPET_TARGET;
  if (!wanted) return engines;
  const found = named.filter((target) => target.name === wanted);
  if (found.length === 0) {
    throw new Error(`LIMPET_TARGET: expected one of ${named.map(({ name }) => name).join(", ")}; got "${wanted}"`);
  }
  return found;
})();
