import type { Cluster as ClusterConfig, Endpoint } from "../../envoy-config/index.js";
import { createLoadBalancer, type LoadBalancer, type LoadBalancerContext, nextOverrideHost } from "../lb/index.js";
import type { Runtime } from "../runtime.js";
import { type ClusterStats, clusterStats } from "./cluster-stats.js";
import { UpstreamHost } from "./host.js";
import { HostSet } from "./host-set.js";

/** The host that a `stateful_session` filter asks for. */
export interface OverrideHost {
  address: string;
  /** No other host will do. */
  strict: boolean;
}

/** What the router asks a cluster for. */
export interface HostRequest extends LoadBalancerContext {
  readonly overrideHost: OverrideHost | undefined;
  /** How often another host is tried if `rejects` says no; the last one is taken then. */
  readonly reselections: number;
  /** A retry's `previous_hosts` predicate. */
  rejects(host: UpstreamHost): boolean;
}

/** A cluster at run time, shared by the workers; each worker has its own load balancer. */
export class Cluster {
  #hosts: readonly UpstreamHost[] = [];
  #set: HostSet;
  #activeRetries = 0;
  readonly #balancers = new Map<number, LoadBalancer>();
  readonly stats: ClusterStats;
  readonly #membershipListeners = new Set<() => void>();

  constructor(
    readonly config: ClusterConfig,
    private readonly runtime: Runtime,
    /** By cluster discovery. */
    readonly addedViaApi: boolean,
  ) {
    this.stats = clusterStats(runtime.stats, config.name, config.healthChecks.length > 0);
    this.#set = new HostSet([], config.panicThreshold);
    this.#refresh();
  }

  get name(): string {
    return this.config.name;
  }

  get hosts(): readonly UpstreamHost[] {
    return this.#hosts;
  }

  /** A connection has been made to it at some time. */
  get hasTraffic(): boolean {
    return this.stats.upstream_cx_total.value > 0;
  }

  /**
   * Takes these endpoints, resolved to IP addresses; a host whose address stays keeps its health and
   * numbers. With health checks, a new host counts as failed until it has been checked, and one that
   * has gone stays while it is healthy (Envoy: `BaseDynamicClusterImpl::updateDynamicHostList`).
   */
  setEndpoints(endpoints: readonly Endpoint[]): void {
    const isChecked = this.config.healthChecks.length > 0;
    const gone = new Map(this.#set.byAddress);
    const hosts = new Map<string, UpstreamHost>();
    for (const endpoint of endpoints) {
      const fresh = new UpstreamHost(endpoint);
      const host = gone.get(fresh.address) ?? fresh;
      host.endpoint = endpoint;
      host.pendingRemoval = false;
      if (host === fresh) host.failedActiveHealthCheck = isChecked;
      gone.delete(host.address);
      if (!hosts.has(host.address)) hosts.set(host.address, host);
    }
    for (const host of gone.values()) {
      if (!isChecked || host.health === "unhealthy" || hosts.has(host.address)) continue;
      host.pendingRemoval = true;
      hosts.set(host.address, host);
    }
    this.#setHosts([...hosts.values()]);
  }

  /** To be called after an active health check has changed the state of a host. */
  onHealthChange(host: UpstreamHost): void {
    if (host.pendingRemoval && host.failedActiveHealthCheck) this.#setHosts(this.#hosts.filter((one) => one !== host));
    else this.#refresh();
  }

  #setHosts(hosts: readonly UpstreamHost[]): void {
    const isSame = hosts.length === this.#hosts.length && hosts.every((host) => this.#hosts.includes(host));
    this.#hosts = hosts;
    this.#refresh();
    if (isSame) return;
    this.stats.membership_change.inc();
    for (const listener of this.#membershipListeners) listener();
  }

  /** Calls back after every change of the hosts; returns how to stop that. */
  onMembershipChange(listener: () => void): () => void {
    this.#membershipListeners.add(listener);
    return () => this.#membershipListeners.delete(listener);
  }

  #refresh(): void {
    this.#set = new HostSet(this.#hosts, this.config.panicThreshold);
    const { stats } = this;
    stats.membership_total.set(this.#hosts.length);
    stats.membership_healthy.set(this.#set.healthy.hosts.length);
    stats.membership_degraded.set(this.#set.degraded.hosts.length);
    stats.checkedHealthy?.set(this.#hosts.filter((host) => !host.failedActiveHealthCheck).length);
  }

  /** Picks the host for one attempt (Envoy: `ClusterManagerImpl::chooseHost`), undefined if none can be used. */
  select(worker: number, request: HostRequest): UpstreamHost | undefined {
    const { overrideHost } = request;
    if (overrideHost !== undefined) {
      const host = this.#set.byAddress.get(overrideHost.address);
      if (host !== undefined && this.config.overrideHostStatus.includes(host.overrideStatus)) return host;
      if (overrideHost.strict) return undefined;
    }
    if (this.#set.isPanic) this.stats.lb_healthy_panic.inc();
    let host: UpstreamHost | undefined;
    for (let attempt = 0; attempt <= request.reselections; attempt++) {
      host = this.#selectOnce(worker, request, attempt);
      if (host === undefined || !request.rejects(host)) return host;
    }
    return host;
  }

  #selectOnce(worker: number, request: HostRequest, attempt: number): UpstreamHost | undefined {
    const { lbPolicy } = this.config;
    if (lbPolicy.kind === "override_host") {
      const host = nextOverrideHost(this.#set, lbPolicy.header, request);
      if (host !== undefined) return host;
    }
    return this.#balancerOf(worker).select(this.#set.list(this.runtime.random()), request, attempt);
  }

  #balancerOf(worker: number): LoadBalancer {
    let balancer = this.#balancers.get(worker);
    if (balancer === undefined) {
      balancer = createLoadBalancer(this.config.lbPolicy, this.runtime);
      this.#balancers.set(worker, balancer);
    }
    return balancer;
  }

  /** Takes one of the cluster's places for retries; the caller gives it back by `endRetry`. */
  beginRetry(): boolean {
    if (this.#activeRetries >= this.config.maxRetries) return false;
    this.#activeRetries++;
    return true;
  }

  endRetry(): void {
    this.#activeRetries--;
  }
}
