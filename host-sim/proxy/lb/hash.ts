import xxhash from "xxhash-wasm";
import { type Runtime, randomInt } from "../runtime.js";
import type { LoadBalancerContext } from "./types.js";

const { h64Raw } = await xxhash();

/** xxHash64 of a latin1 string: what Envoy hashes keys, hosts and hash policies with. */
export function xxHash64(text: string, seed = 0n): bigint {
  return h64Raw(Buffer.from(text, "latin1"), seed);
}

/** The request's hash, or a random one for a request without. */
export function hashOf(context: LoadBalancerContext, runtime: Pick<Runtime, "random">): bigint {
  return context.hash ?? (BigInt(randomInt(runtime, 2 ** 32)) << 32n) | BigInt(randomInt(runtime, 2 ** 32));
}
