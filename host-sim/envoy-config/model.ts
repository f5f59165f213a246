/** The subset of Envoy's bootstrap that the simulator runs, after defaults and validation. Times are ms. */

export interface SocketAddress {
  host: string;
  port: number;
}

export interface Bootstrap {
  admin?: SocketAddress;
  listeners: Listener[];
  clusters: Cluster[];
  /** `dynamic_resources.lds_config.path_config_source.path`: a file of listeners, watched. */
  ldsPath?: string;
  /** `dynamic_resources.cds_config.path_config_source.path`. */
  cdsPath?: string;
  /** `watched_directory.path`, where given: the file is read again when something is moved there, not when it is itself. */
  ldsWatchedDirectory?: string;
  cdsWatchedDirectory?: string;
  node: { id: string; cluster: string };
  stats: StatsConfig;
  /** The fields that were not understood, when loaded leniently. */
  ignored: string[];
}

/** `stats_config`: how the names of stats become Prometheus labels. */
export interface StatsConfig {
  /** `use_all_default_tags`. */
  useAllDefaultTags: boolean;
  /** Either a fixed value, or what the expression matches: group 1 leaves the name, group 2 (else 1) is the value. */
  tags: { name: string; regex?: RegExp; fixedValue?: string }[];
}

export interface Listener {
  name: string;
  address: SocketAddress;
  hcm: HttpConnectionManager;
}

export interface HttpConnectionManager {
  statPrefix: string;
  routes: VirtualHost[];
  /** Those of the `route_config` itself; Envoy applies the route's first, then the virtual host's, then these. */
  routeConfigHeaders: HeaderMutations;
  filters: HttpFilter[];
  /** `upgrade_configs`: the protocols (`websocket`) to which a request may upgrade its connection; others get 403. */
  upgradeTypes: string[];
  /** `use_remote_address`, `xff_num_trusted_hops`: how the client's address is found. */
  useRemoteAddress: boolean;
  xffNumTrustedHops: number;
  maxRequestHeadersKb: number;
  /** Text formats of access logs written to stdout or a file (`%REQ(...)%`, `%FILTER_STATE(...)%`, ...). */
  accessLogs: { path?: string; format: string }[];
}

export interface VirtualHost extends HeaderMutations {
  name: string;
  domains: string[];
  routes: Route[];
}

export interface HeaderMutations {
  requestHeadersToRemove: string[];
  responseHeadersToRemove: string[];
  requestHeadersToAdd: HeaderToAdd[];
  responseHeadersToAdd: HeaderToAdd[];
}

export interface HeaderToAdd {
  name: string;
  value: string;
  action: "APPEND_IF_EXISTS_OR_ADD" | "ADD_IF_ABSENT" | "OVERWRITE_IF_EXISTS_OR_ADD" | "OVERWRITE_IF_EXISTS";
}

export interface Route extends HeaderMutations {
  name: string;
  match: RouteMatch;
  /** Exactly one of `forward` and `directResponse` is set. */
  forward?: ForwardAction;
  directResponse?: { status: number; body: string };
  /** `metadata.filter_metadata`: namespace to a plain value. */
  metadata: Record<string, unknown>;
}

export interface RouteMatch {
  prefix?: string;
  path?: string;
  headers: HeaderMatcher[];
}

export interface HeaderMatcher {
  name: string;
  exact?: string;
  prefix?: string;
  suffix?: string;
  contains?: string;
  regex?: RegExp;
  present?: boolean;
  invert: boolean;
}

export interface ForwardAction {
  cluster?: string;
  clusterHeader?: string;
  weightedClusters?: { name: string; weight: number }[];
  timeoutMs: number;
  retry?: RetryPolicy;
  hashPolicy: HashPolicy[];
}

export interface HashPolicy {
  header?: string;
  cookie?: { name: string };
  sourceIp?: boolean;
  queryParameter?: string;
}

export interface RetryPolicy {
  retryOn: Set<
    | "connect-failure"
    | "5xx"
    | "gateway-error"
    | "reset"
    | "refused-stream"
    | "reset-before-request"
    | "retriable-status-codes"
  >;
  retriableStatusCodes: number[];
  numRetries: number;
  perTryTimeoutMs?: number;
  hostSelectionRetryMaxAttempts: number;
  /** `retry_host_predicate: envoy.retry_host_predicates.previous_hosts`. */
  avoidPreviousHosts: boolean;
}

export type HttpFilter =
  | { kind: "wasm"; name: string; wasm: WasmFilter }
  | { kind: "stateful_session"; name: string; session: StatefulSession }
  | { kind: "router"; name: string };

export interface WasmFilter {
  name: string;
  rootId: string;
  vmId: string;
  codePath: string;
  /** The bytes that the filter gets: a StringValue's string, a Struct's serialised protobuf, ... */
  configuration: Uint8Array;
  vmConfiguration: Uint8Array;
  environment: { hostEnvKeys: string[]; keyValues: Record<string, string> };
  failurePolicy: "FAIL_CLOSED" | "FAIL_OPEN" | "FAIL_RELOAD";
}

export interface StatefulSession {
  strict: boolean;
  header?: { name: string };
  cookie?: { name: string; path: string; ttlMs: number };
}

export type HealthStatus = "UNKNOWN" | "HEALTHY" | "UNHEALTHY" | "DRAINING" | "TIMEOUT" | "DEGRADED";

export interface Cluster {
  name: string;
  type: "STATIC" | "STRICT_DNS" | "EDS";
  connectTimeoutMs: number;
  lbPolicy: LbPolicy;
  endpoints: Endpoint[];
  /** EDS from a file, watched. */
  edsPath?: string;
  /** `service_name`: what EDS is asked for, where that is not the cluster's name. */
  edsServiceName?: string;
  edsWatchedDirectory?: string;
  /** `common_lb_config.override_host_status.statuses`; Envoy's default is UNKNOWN, HEALTHY, DEGRADED. */
  overrideHostStatus: HealthStatus[];
  healthChecks: HealthCheck[];
  /** `circuit_breakers.thresholds[].max_retries`: retries in flight at once, a further one is not made (503, UO). Envoy's default is 3. */
  maxRetries: number;
  /** Removed by upstream filters (`header_mutation`), after the host has been chosen: unlike the route's, override_host still sees them. */
  upstreamRequestHeadersToRemove: string[];
  /** `common_lb_config.healthy_panic_threshold` in percent; Envoy's default is 50. */
  panicThreshold: number;
  metadata: Record<string, unknown>;
}

export type LbPolicy =
  | { kind: "round_robin" | "least_request" | "random" | "ring_hash" | "maglev" }
  | { kind: "override_host"; header: string; fallback: LbPolicy };

export interface Endpoint {
  address: SocketAddress;
  hostname: string;
  weight: number;
  healthStatus: HealthStatus;
  metadata: Record<string, unknown>;
}

export interface HealthCheck {
  path: string;
  host: string;
  intervalMs: number;
  timeoutMs: number;
  unhealthyThreshold: number;
  healthyThreshold: number;
  noTrafficIntervalMs?: number;
}
