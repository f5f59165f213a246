import type { HeaderMap } from "../../wasm-host/index.js";
import type { UpstreamHost } from "../upstream/host.js";
import type { HostList } from "../upstream/host-set.js";

/** What a policy may know of the request that it places. */
export interface LoadBalancerContext {
  readonly requestHeaders: HeaderMap;
  /** Of the route's hash policies; undefined if there are none or none of them applies. */
  readonly hash: bigint | undefined;
  /** Hosts which the `override_host` policy has still to try; undefined before its first pick. */
  overrideHosts: string[] | undefined;
}

/** A load-balancing policy of one cluster in one worker. */
export interface LoadBalancer {
  /**
   * Picks a host, or undefined if the list is empty.
   * @param attempt how often this pick was repeated because the host was not wanted (a retry's previous host)
   */
  select(list: HostList, context: LoadBalancerContext, attempt: number): UpstreamHost | undefined;
}
