import type { UpstreamHost } from "../upstream/host.js";
import type { HostSet } from "../upstream/host-set.js";
import type { LoadBalancerContext } from "./types.js";

/**
 * The next host of the ordered list that a request header names (`ip:port[,ip:port...]`), whatever its
 * health; unknown ones are passed over. Undefined once the list is used up: the fallback policy
 * places the request then (Envoy: `OverrideHostLoadBalancer`).
 */
export function nextOverrideHost(set: HostSet, header: string, context: LoadBalancerContext): UpstreamHost | undefined {
  context.overrideHosts ??= (context.requestHeaders.get(header) ?? "").split(",").map((address) => address.trim());
  for (let address = context.overrideHosts.shift(); address !== undefined; address = context.overrideHosts.shift()) {
    const host = set.byAddress.get(address);
    if (host !== undefined) return host;
  }
  return undefined;
}
