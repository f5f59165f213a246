/** The two admin pages by which a filter learns of endpoints, for runs that have hosts but no admin listener. */
import type { Cluster as UpstreamCluster } from "../upstream/cluster.js";
import type { UpstreamHost } from "../upstream/host.js";
import { clustersPage } from "./clusters-page.js";
import { configDumpPage } from "./config-dump-page.js";
import { type Page, text } from "./page.js";

/** The page of that path and query; 404 for all but `/clusters` and `/config_dump`. */
export function endpointPage(target: string, clusters: UpstreamCluster[]): Page {
  const { pathname, searchParams } = new URL(target, "http://admin");
  if (pathname === "/clusters") return clustersPage(clusters, searchParams);
  if (pathname === "/config_dump") return configDumpPage(clusters, searchParams);
  return text(404, "");
}

/** As much of a cluster as the pages look at. */
export function clusterShown(config: { name: string }, hosts: UpstreamHost[]): UpstreamCluster {
  return {
    name: config.name,
    hosts,
    addedViaApi: false,
    config: { maxRetries: 3, ...config },
  } as unknown as UpstreamCluster;
}
