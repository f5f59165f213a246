import type { Bootstrap, Cluster, Endpoint, Listener } from "./model.js";

export type * from "./model.js";
export { EnvoyConfigError, type Problem } from "./reader/problems.js";

export interface LoadOptions {
  /** Fields outside the subset are listed in `ignored` instead of refused. */
  lenient?: boolean;
}

/** What a discovery file holds, and the fields that were not understood when it was read leniently. */
export interface Discovered<T> {
  resources: T[];
  ignored: string[];
}

export interface ClusterLoadAssignment {
  clusterName: string;
  endpoints: Endpoint[];
}

export declare function loadBootstrap(path: string, options?: LoadOptions): Bootstrap;
export declare function parseBootstrap(text: string, fileName: string, options?: LoadOptions): Bootstrap;
/** A discovery file of Listeners (LDS). `clusters`: the names that its routes may name; unchecked without. */
export declare function parseListeners(
  text: string,
  fileName: string,
  options?: LoadOptions & { clusters?: Iterable<string> },
): Discovered<Listener>;
/** A discovery file of Clusters (CDS). */
export declare function parseClusters(text: string, fileName: string, options?: LoadOptions): Discovered<Cluster>;
/** A discovery file of ClusterLoadAssignments (EDS). */
export declare function parseEndpoints(
  text: string,
  fileName: string,
  options?: LoadOptions,
): Discovered<ClusterLoadAssignment>;
