import { type Runtime, randomInt } from "../runtime.js";
import type { UpstreamHost } from "../upstream/host.js";
import type { HostList } from "../upstream/host-set.js";
import type { LoadBalancer } from "./types.js";

/** Any host, without regard to weight (Envoy: `RandomLoadBalancer`). */
export class Random implements LoadBalancer {
  constructor(private readonly runtime: Pick<Runtime, "random">) {}

  select({ hosts }: HostList): UpstreamHost | undefined {
    return hosts[randomInt(this.runtime, hosts.length)];
  }
}
