import type { Cluster } from "../upstream/cluster.js";
import type { UpstreamHost } from "../upstream/host.js";

/** Counts an answer of a cluster's host, or of the proxy in its place (Envoy: `CodeStatsImpl::chargeResponseStat`). */
export function chargeStatus(cluster: Cluster, status: number): void {
  cluster.count(`upstream_rq_${status}`);
  cluster.count(`upstream_rq_${Math.floor(status / 100)}xx`);
  cluster.count("upstream_rq_completed");
}

/** Counts the answer as the host's success or error. */
export function chargeHost(host: UpstreamHost, status: number): void {
  if (status >= 500) host.stats.rq_error.inc();
  else host.stats.rq_success.inc();
}
