import type { Counter, Gauge, Stats } from "../stats.js";

const COUNTERS = [
  "lb_healthy_panic",
  "membership_change",
  "retry_or_shadow_abandoned",
  "upstream_cx_connect_fail",
  "upstream_cx_connect_timeout",
  "upstream_cx_none_healthy",
  "upstream_cx_protocol_error",
  "upstream_cx_total",
  "upstream_rq_per_try_timeout",
  "upstream_rq_retry",
  "upstream_rq_retry_limit_exceeded",
  "upstream_rq_retry_overflow",
  "upstream_rq_retry_success",
  "upstream_rq_timeout",
  "upstream_rq_total",
] as const;

const GAUGES = [
  "membership_degraded",
  "membership_healthy",
  "membership_total",
  "upstream_cx_active",
  "upstream_rq_active",
] as const;

const HEALTH_COUNTERS = ["attempt", "failure", "network_failure", "success"] as const;

type Counters = Record<(typeof COUNTERS)[number], Counter>;
type Gauges = Record<(typeof GAUGES)[number], Gauge>;
type HealthCounters = Record<(typeof HEALTH_COUNTERS)[number], Counter>;

/** A cluster's numbers, by the last part of their names in Envoy's `cluster.NAME.*`. */
export interface ClusterStats extends Counters, Gauges {
  /** `cluster.NAME.health_check.*`; undefined without active health checks. */
  readonly healthCheck: HealthCounters | undefined;
  /** `cluster.NAME.health_check.healthy`: hosts that pass their checks. */
  readonly checkedHealthy: Gauge | undefined;
  /** Counts an answer by its status, its class and as completed (Envoy: `CodeStatsImpl::chargeResponseStat`). */
  chargeStatus(status: number): void;
}

/** The stats of a cluster: those with fixed names are there, at 0, from the start. */
export function clusterStats(stats: Stats, cluster: string, isChecked: boolean): ClusterStats {
  const prefix = `cluster.${cluster}.`;
  const counter = (name: string) => stats.counter(prefix + name);
  const gauge = (name: string) => stats.gauge(prefix + name);
  return {
    ...(Object.fromEntries(COUNTERS.map((name) => [name, counter(name)])) as Counters),
    ...(Object.fromEntries(GAUGES.map((name) => [name, gauge(name)])) as Gauges),
    healthCheck: isChecked
      ? (Object.fromEntries(HEALTH_COUNTERS.map((name) => [name, counter(`health_check.${name}`)])) as HealthCounters)
      : undefined,
    checkedHealthy: isChecked ? gauge("health_check.healthy") : undefined,
    chargeStatus(status) {
      counter(`upstream_rq_${status}`).inc();
      counter(`upstream_rq_${Math.floor(status / 100)}xx`).inc();
      counter("upstream_rq_completed").inc();
    },
  };
}
