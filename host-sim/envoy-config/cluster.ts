/** envoy.config.cluster.v3.Cluster */
import { fileSource, ipHost, metadata } from "./core.js";
import { clusterLoadAssignment, healthStatus } from "./endpoint.js";
import { healthCheck } from "./health-check.js";
import { loadBalancingPolicy } from "./lb-policy.js";
import type { Cluster, HealthStatus, LbPolicy } from "./model.js";
import { message, optional, repeated, required } from "./reader/message.js";
import type { Reader } from "./reader/place.js";
import { choice, name, number, positiveDuration, someOf, string, uint } from "./reader/scalars.js";
import { upstreamHeadersToRemove } from "./upstream-http.js";

const lbPolicy = choice<LbPolicy | undefined>(
  {
    ROUND_ROBIN: { kind: "round_robin" },
    LEAST_REQUEST: { kind: "least_request" },
    RANDOM: { kind: "random" },
    RING_HASH: { kind: "ring_hash" },
    MAGLEV: { kind: "maglev" },
    // What `load_balancing_policy` says.
    LOAD_BALANCING_POLICY_CONFIG: undefined,
  },
  ["CLUSTER_PROVIDED"],
);

/** Envoy: `createOverrideHostStatus`; an empty list lets no host be asked for. */
const OVERRIDE_HOST_STATUS: HealthStatus[] = ["UNKNOWN", "HEALTHY", "DEGRADED"];

const commonLbConfig = message({
  healthy_panic_threshold: optional(
    message({ value: optional(number(0, 100), 0) }, ({ value }) => value),
    50,
  ),
  override_host_status: optional(
    message({ statuses: repeated(healthStatus) }, ({ statuses }) => [...new Set(statuses)]),
    OVERRIDE_HOST_STATUS,
  ),
});

const circuitBreakers = message(
  {
    thresholds: repeated(
      message({ priority: optional(someOf(["DEFAULT"], ["HIGH"])), max_retries: optional(uint(), 3) }),
      {
        count: "at most one",
        several: true,
      },
    ),
  },
  ({ thresholds: [threshold] }) => threshold?.maxRetries ?? 3,
);

const edsClusterConfig = message({ eds_config: required(fileSource), service_name: optional(string, "") });

const definedName: Reader<string> = (at) => {
  const found = name(at);
  at.reading.definedClusters?.add(found);
  return found;
};

const clusterWith = (host: Reader<string>): Reader<Cluster> =>
  message(
    {
      name: required(definedName),
      type: optional(someOf(["STATIC", "STRICT_DNS", "EDS"], ["LOGICAL_DNS", "ORIGINAL_DST"]), "STATIC"),
      connect_timeout: optional(positiveDuration, 5000),
      lb_policy: optional(lbPolicy, { kind: "round_robin" }),
      load_balancing_policy: optional(loadBalancingPolicy),
      load_assignment: optional(clusterLoadAssignment(host)),
      eds_cluster_config: optional(edsClusterConfig),
      common_lb_config: optional(commonLbConfig, {
        healthyPanicThreshold: 50,
        overrideHostStatus: OVERRIDE_HOST_STATUS,
      }),
      health_checks: repeated(healthCheck, { count: "at most one", several: true }),
      circuit_breakers: optional(circuitBreakers, 3),
      typed_extension_protocol_options: optional(upstreamHeadersToRemove, []),
      metadata: optional(metadata, {}),
    },
    (fields, at) => {
      const { name, type, edsClusterConfig: eds, commonLbConfig } = fields;
      if (type === "EDS" && !eds) at.report("expected eds_cluster_config, since the type is EDS; found none");
      if (type !== "EDS" && eds) at.report(`expected eds_cluster_config only with type EDS, found type ${type}`);
      if (eds && at.field("load_assignment")) at.report("expected eds_cluster_config or load_assignment, found both");
      const noPolicy = "expected load_balancing_policy with LOAD_BALANCING_POLICY_CONFIG, found none";
      return {
        name,
        type,
        connectTimeoutMs: fields.connectTimeout,
        lbPolicy: fields.loadBalancingPolicy ?? fields.lbPolicy ?? at.fail(noPolicy),
        endpoints: fields.loadAssignment?.endpoints ?? [],
        edsPath: eds?.edsConfig.path,
        edsServiceName: eds?.serviceName || undefined,
        edsWatchedDirectory: eds?.edsConfig.watchedDirectory,
        overrideHostStatus: commonLbConfig.overrideHostStatus,
        // Without a host of its own, a check names the cluster.
        healthChecks: fields.healthChecks.map((check) => ({ ...check, host: check.host || name })),
        maxRetries: fields.circuitBreakers,
        panicThreshold: commonLbConfig.healthyPanicThreshold,
        upstreamRequestHeadersToRemove: fields.typedExtensionProtocolOptions,
        metadata: fields.metadata,
      };
    },
  );

const staticCluster = clusterWith(ipHost);
const dnsCluster = clusterWith(name);

/** A cluster; its endpoints are IP addresses unless it is the cluster that resolves their names. */
export const cluster: Reader<Cluster> = (at) =>
  (at.field("type")?.node.value === "STRICT_DNS" ? dnsCluster : staticCluster)(at);

export const distinctClusters = { "cluster name": ({ name }: Cluster) => name };
