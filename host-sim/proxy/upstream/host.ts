import type { Endpoint, HealthStatus } from "../../envoy-config/index.js";
import { Counter, Gauge } from "../stats.js";

/** What load balancers see of a host's health (Envoy: `Host::Health`). */
export type CoarseHealth = "healthy" | "degraded" | "unhealthy";

/** One endpoint of a cluster at run time: its health, its load and its numbers. */
export class UpstreamHost {
  /** `ip:port`, `[ip]:port` for IPv6. */
  readonly address: string;
  readonly stats = {
    cx_active: new Gauge(),
    cx_connect_fail: new Counter(),
    cx_total: new Counter(),
    rq_active: new Gauge(),
    rq_error: new Counter(),
    rq_success: new Counter(),
    rq_timeout: new Counter(),
    rq_total: new Counter(),
  };
  failedActiveHealthCheck = false;
  /** The checks failed because no answer came in time. */
  activeCheckTimedOut = false;
  /** Discovery has dropped it; it stays as long as its health checks succeed, as in Envoy. */
  pendingRemoval = false;

  constructor(
    /** `address.host` is an IP address: names have been resolved. */
    public endpoint: Endpoint,
  ) {
    const { host, port } = endpoint.address;
    this.address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  }

  /** Counts an answer of the host, or of the proxy in its place, as a success or an error. */
  chargeStatus(status: number): void {
    if (status >= 500) this.stats.rq_error.inc();
    else this.stats.rq_success.inc();
  }

  /** Envoy: `Host::coarseHealth`. */
  get health(): CoarseHealth {
    if (this.failedActiveHealthCheck) return "unhealthy";
    switch (this.endpoint.healthStatus) {
      case "UNHEALTHY":
      case "DRAINING":
      case "TIMEOUT":
        return "unhealthy";
      case "DEGRADED":
        return "degraded";
      default:
        return "healthy";
    }
  }

  /** The status that `override_host_status` is compared with (Envoy: `Host::healthStatus`). */
  get overrideStatus(): HealthStatus {
    const eds = this.endpoint.healthStatus;
    if (eds === "UNHEALTHY" || eds === "DRAINING" || eds === "TIMEOUT") return eds;
    return this.failedActiveHealthCheck ? "UNHEALTHY" : eds;
  }
}
