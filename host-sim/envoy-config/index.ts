import { readFileSync } from "node:fs";
import { bootstrap } from "./bootstrap.js";
import { clusterResources, listenerResources, loadAssignmentResources } from "./discovery.js";
import type { ClusterLoadAssignment } from "./endpoint.js";
import type { Bootstrap, Cluster, Listener } from "./model.js";
import { examineFile, readFile } from "./reader/file.js";
import type { Reader, ReadingOptions } from "./reader/place.js";
import type { Problem } from "./reader/problems.js";

export type { ClusterLoadAssignment } from "./endpoint.js";
export type * from "./model.js";
export { EnvoyConfigError, type Problem } from "./reader/problems.js";
export { metadataBytes } from "./struct-bytes.js";
export { type OperatorName, parseFormat } from "./substitution.js";

export interface LoadOptions {
  /** Fields outside the subset are listed in `ignored` instead of refused. */
  lenient?: boolean;
}

/** What a discovery file holds, and the fields that were not understood when it was read leniently. */
export interface Discovered<T> {
  resources: T[];
  ignored: string[];
}

/**
 * Loads an Envoy bootstrap, YAML or (`.json`) JSON.
 * @throws EnvoyConfigError with all that is wrong in it; the file system's error if it cannot be read.
 */
export function loadBootstrap(path: string, options: LoadOptions = {}): Bootstrap {
  return parseBootstrap(readFileSync(path, "utf8"), path, options);
}

/** Like `loadBootstrap`, for a text that is at hand; the file's name stands in errors, and tells JSON from YAML. */
export function parseBootstrap(text: string, fileName: string, options: LoadOptions = {}): Bootstrap {
  // A static route may name a static cluster only, as in Envoy, which loads the others later.
  const [value, ignored] = readFile(text, fileName, { ...options, clusters: [] }, bootstrap);
  return { ...value, ignored };
}

/**
 * Parses a discovery file of Listeners (LDS).
 * @param options.clusters the names that routes may name; unchecked if it is left out
 * @throws EnvoyConfigError
 */
export function parseListeners(
  text: string,
  fileName: string,
  options: LoadOptions & { clusters?: Iterable<string> } = {},
): Discovered<Listener> {
  return discovered(text, fileName, options, listenerResources);
}

/** Parses a discovery file of Clusters (CDS). @throws EnvoyConfigError */
export function parseClusters(text: string, fileName: string, options: LoadOptions = {}): Discovered<Cluster> {
  return discovered(text, fileName, options, clusterResources);
}

/** Parses a discovery file of ClusterLoadAssignments (EDS). @throws EnvoyConfigError */
export function parseEndpoints(
  text: string,
  fileName: string,
  options: LoadOptions = {},
): Discovered<ClusterLoadAssignment> {
  return discovered(text, fileName, options, loadAssignmentResources);
}

/**
 * Everything that the lenient reading of a file notes: of a bootstrap, or of a discovery file, whose
 * first resource says what it holds.
 * @returns the problems, and what is outside the simulator's subset; both in the file's order
 */
export function examine(text: string, fileName: string): { problems: Problem[]; ignored: Problem[] } {
  const [, type] = /^\s*resources:[^@]*"?@type"?:\s*"?type\.googleapis\.com\/([\w.]+)/m.exec(text) ?? [];
  const reader = type === undefined ? bootstrap : DISCOVERY[type.split(".").at(-1) ?? ""];
  if (!reader) return { problems: [], ignored: [] };
  const clusters = type === undefined ? [] : undefined;
  return examineFile<unknown>(text, fileName, { lenient: true, clusters }, reader);
}

const DISCOVERY: Record<string, Reader<unknown>> = {
  Listener: listenerResources,
  Cluster: clusterResources,
  ClusterLoadAssignment: loadAssignmentResources,
};

function discovered<T>(text: string, fileName: string, options: ReadingOptions, read: Reader<T[]>): Discovered<T> {
  const [resources, ignored] = readFile(text, fileName, options, read);
  return { resources, ignored };
}
