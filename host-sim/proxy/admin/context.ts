import type { IncomingMessage, ServerResponse } from "node:http";
import type { StatsConfig } from "../../envoy-config/index.js";
import type { Metrics } from "../../wasm-host/index.js";
import type { Stats } from "../stats.js";
import type { Clusters } from "../upstream/clusters.js";

/** What the pages show. */
export interface AdminContext {
  readonly clusters: Clusters;
  readonly stats: Stats;
  /** Of the filters. */
  readonly metrics: Metrics;
  readonly statsConfig: StatsConfig;
  /** All listeners accept. */
  isReady(): boolean;
  /** Pages that are not Envoy's: answers a request of theirs, false for all others. */
  morePages?: (request: IncomingMessage, response: ServerResponse) => boolean;
}
