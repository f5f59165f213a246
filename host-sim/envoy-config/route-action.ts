/** envoy.config.route.v3.RouteAction */

import { extension } from "./core.js";
import type { ForwardAction, HashPolicy, RetryPolicy } from "./model.js";
import { exactlyOne, message, optional, repeated, required } from "./reader/message.js";
import type { Reader } from "./reader/place.js";
import { boolean, duration, headerName, name, string, uint } from "./reader/scalars.js";

/** The name of a cluster, which must be defined by the end of the file. */
const clusterName: Reader<string> = (at) => {
  const found = name(at);
  at.reading.namedClusters.push(at);
  return found;
};

const weightedClusters = message(
  {
    clusters: repeated(message({ name: required(clusterName), weight: required(uint()) }), { count: "at least one" }),
  },
  ({ clusters }, at) => {
    if (clusters.every(({ weight }) => weight === 0)) at.report("expected weights with a sum of more than 0");
    return clusters;
  },
);

const RETRY_ON = [
  "connect-failure",
  "5xx",
  "gateway-error",
  "reset",
  "refused-stream",
  "reset-before-request",
  "retriable-status-codes",
] as const;
/** What Envoy knows besides, for HTTP and gRPC (router filter: x-envoy-retry-on, x-envoy-retry-grpc-on). */
const ENVOY_RETRIES_ON = new Set([
  ...["envoy-ratelimited", "http3-post-connect-failure", "retriable-4xx", "retriable-headers"],
  ...["cancelled", "deadline-exceeded", "internal", "resource-exhausted", "unavailable"],
]);
type RetryOn = (typeof RETRY_ON)[number];

/** A list with commas; Envoy would ignore a condition that it does not know. */
const retryOn: Reader<Set<RetryOn>> = (at) => {
  const conditions = string(at)
    .split(",")
    .map((condition) => condition.trim())
    .filter((condition) => condition !== "");
  const unknown = conditions.filter((condition) => !RETRY_ON.includes(condition as RetryOn));
  if (unknown.length > 0) {
    const message = `expected some of ${RETRY_ON.join(", ")}, found "${unknown.join('", "')}"`;
    if (!unknown.every((condition) => ENVOY_RETRIES_ON.has(condition))) at.fail(message);
    at.outside(message);
  }
  return new Set(conditions as RetryOn[]);
};

const retryPolicy: Reader<RetryPolicy> = message(
  {
    retry_on: optional(retryOn, new Set()),
    retriable_status_codes: repeated(uint()),
    num_retries: optional(uint(), 1),
    per_try_timeout: optional(duration, 0),
    host_selection_retry_max_attempts: optional(uint(), 1),
    retry_host_predicate: repeated(
      extension({ "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate": message({}) }),
    ),
  },
  ({ perTryTimeout, retryHostPredicate, ...plain }) => ({
    ...plain,
    perTryTimeoutMs: perTryTimeout || undefined,
    avoidPreviousHosts: retryHostPredicate.length > 0,
  }),
);

const hashPolicy: Reader<HashPolicy> = message(
  {
    header: optional(message({ header_name: required(headerName) }, ({ headerName }) => headerName)),
    cookie: optional(message({ name: required(name) })),
    connection_properties: optional(message({ source_ip: optional(boolean, false) }, ({ sourceIp }) => sourceIp)),
    query_parameter: optional(message({ name: required(name) }, ({ name }) => name)),
  },
  ({ connectionProperties, ...policy }, at) => {
    exactlyOne(at, "header", "cookie", "connection_properties", "query_parameter");
    return { ...policy, sourceIp: connectionProperties };
  },
);

export const forwardAction: Reader<ForwardAction> = message(
  {
    cluster: optional(clusterName),
    cluster_header: optional(headerName),
    weighted_clusters: optional(weightedClusters),
    timeout: optional(duration, 15_000),
    retry_policy: optional(retryPolicy),
    hash_policy: repeated(hashPolicy),
  },
  ({ timeout, retryPolicy, ...plain }, at) => {
    exactlyOne(at, "cluster", "cluster_header", "weighted_clusters");
    return { ...plain, timeoutMs: timeout, retry: retryPolicy };
  },
);
