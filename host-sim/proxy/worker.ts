import type { HostServices } from "../wasm-host/index.js";
import type { Clusters } from "./upstream/clusters.js";
import { WorkerPools } from "./upstream/clusters.js";
import { HttpCalls } from "./wasm/http-call.js";
import { type CodeCache, WorkerVms } from "./wasm/worker-vms.js";

/** What one of Envoy's worker threads has to itself: its VMs, its upstream connections, its load balancers. */
export class Worker {
  readonly pools = new WorkerPools();
  readonly vms: WorkerVms;

  /** @param services what all VMs of the process share; HTTP calls are the worker's own */
  constructor(
    readonly id: number,
    readonly clusters: Clusters,
    services: HostServices,
    codes: CodeCache,
  ) {
    const calls = new HttpCalls(id, clusters, this.pools);
    this.vms = new WorkerVms({ ...services, httpCall: (request, respond) => calls.call(request, respond) }, codes);
  }
}
