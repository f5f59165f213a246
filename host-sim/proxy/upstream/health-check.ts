import type { HealthCheck } from "../../envoy-config/index.js";
import type { Cluster } from "./cluster.js";
import { HealthProbe } from "./health-probe.js";
import type { UpstreamHost } from "./host.js";

/** One active HTTP health check of a cluster: every host of it is probed in turn (Envoy: `HttpHealthCheckerImpl`). */
export class HealthChecker {
  readonly #sessions = new Map<UpstreamHost, HostSession>();
  readonly #stopListening: () => void;

  constructor(
    private readonly cluster: Cluster,
    private readonly check: HealthCheck,
  ) {
    this.#stopListening = cluster.onMembershipChange(() => this.#follow());
    this.#follow();
  }

  /** Settles when each of the hosts that there are now has been checked once. */
  async firstRound(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.firstResult));
  }

  stop(): void {
    this.#stopListening();
    for (const session of this.#sessions.values()) session.stop();
  }

  #follow(): void {
    const { hosts } = this.cluster;
    for (const [host, session] of this.#sessions) {
      if (hosts.includes(host)) continue;
      session.stop();
      this.#sessions.delete(host);
    }
    for (const host of hosts) {
      if (!this.#sessions.has(host)) this.#sessions.set(host, new HostSession(host, this.cluster, this.check));
    }
  }
}

/** The checks of one host, one after the other. */
class HostSession {
  readonly firstResult: Promise<void>;
  #onFirstResult!: () => void;
  readonly #probe: HealthProbe;
  #timer: NodeJS.Timeout | undefined;
  #checked = false;
  /** Results in a row that speak against the host's present state. */
  #contrary = 0;
  #stopped = false;

  constructor(
    private readonly host: UpstreamHost,
    private readonly cluster: Cluster,
    private readonly check: HealthCheck,
  ) {
    this.firstResult = new Promise((resolve) => {
      this.#onFirstResult = resolve;
    });
    this.#probe = new HealthProbe(host, check);
    this.#run();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#probe.close();
    this.#onFirstResult();
  }

  async #run(): Promise<void> {
    this.cluster.stats.healthCheck?.attempt.inc();
    const result = await this.#probe.run();
    if (this.#stopped) return;
    if (result === "good") this.#onSuccess();
    else this.#onFailure(result);
    this.#checked = true;
    this.#onFirstResult();
    if (!this.#stopped) this.#timer = setTimeout(() => this.#run(), this.#interval()).unref();
  }

  /** While nobody has ever connected to the cluster, checks may be rarer. */
  #interval(): number {
    const { intervalMs, noTrafficIntervalMs } = this.check;
    return this.cluster.hasTraffic ? intervalMs : (noTrafficIntervalMs ?? intervalMs);
  }

  #onSuccess(): void {
    this.cluster.stats.healthCheck?.success.inc();
    this.host.activeCheckTimedOut = false;
    if (!this.host.failedActiveHealthCheck) {
      this.#contrary = 0;
      return;
    }
    // The first good result is enough for a host that has never been checked.
    if (!this.#checked || ++this.#contrary >= this.check.healthyThreshold) this.#setFailed(false);
  }

  #onFailure(result: "bad status" | "network failure" | "timeout"): void {
    this.cluster.stats.healthCheck?.failure.inc();
    if (result !== "bad status") this.cluster.stats.healthCheck?.network_failure.inc();
    if (this.host.failedActiveHealthCheck) {
      this.#contrary = 0;
      return;
    }
    // A wrong status is believed at once, an error of the network only when it repeats.
    if (result !== "bad status" && ++this.#contrary < this.check.unhealthyThreshold) return;
    this.host.activeCheckTimedOut = result === "timeout";
    this.#setFailed(true);
  }

  #setFailed(failed: boolean): void {
    this.#contrary = 0;
    this.host.failedActiveHealthCheck = failed;
    this.cluster.onHealthChange(this.host);
  }
}

/** Starts the checks of a cluster; the returned function stops them. Waits for the first results of all. */
export async function startHealthChecks(cluster: Cluster): Promise<() => void> {
  const checkers = cluster.config.healthChecks.map((check) => new HealthChecker(cluster, check));
  await Promise.all(checkers.map((checker) => checker.firstRound()));
  return () => {
    for (const checker of checkers) checker.stop();
  };
}
