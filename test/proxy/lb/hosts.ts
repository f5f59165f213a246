import type { HealthStatus } from "../../../host-sim/envoy-config/index.js";
import type { LoadBalancerContext } from "../../../host-sim/proxy/lb/index.js";
import { UpstreamHost } from "../../../host-sim/proxy/upstream/host.js";
import type { HostList } from "../../../host-sim/proxy/upstream/host-set.js";
import { HeaderMap } from "../../../host-sim/wasm-host/index.js";

/** Hosts 127.0.0.1:21001, :21002, ...: the addresses of the runs on Envoy that golden sequences come from. */
export function hosts(weights: number[], statuses: HealthStatus[] = []): UpstreamHost[] {
  return weights.map(
    (weight, index) =>
      new UpstreamHost({
        address: { host: "127.0.0.1", port: 21001 + index },
        hostname: "",
        weight,
        healthStatus: statuses[index] ?? "UNKNOWN",
        metadata: {},
      }),
  );
}

export function listOf(of: UpstreamHost[]): HostList {
  return { source: "healthy", hosts: of };
}

/** A request with these headers and this hash. */
export function context(hash?: bigint, headers: [string, string][] = []): LoadBalancerContext {
  return { requestHeaders: new HeaderMap("request", headers), hash, overrideHosts: undefined };
}

/** The host's number: the last digit of its port. */
export function digit(host: UpstreamHost | undefined): string {
  return host?.address.slice(-1) ?? "-";
}

/** A generator of numbers in [0, 1) that repeats itself. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
