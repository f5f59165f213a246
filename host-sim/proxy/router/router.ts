import type { ForwardAction } from "../../envoy-config/index.js";
import type { HeaderMap } from "../../wasm-host/index.js";
import { requestHash } from "../routing/hash-policy.js";
import { mutateRequest, mutateResponse } from "../routing/header-mutations.js";
import type { SelectedRoute } from "../routing/route-table.js";
import { StreamFilter } from "../stream/filter.js";
import type { ResponseFlag } from "../stream/response-flags.js";
import type { Stream } from "../stream/stream.js";
import type { Cluster, HostRequest } from "../upstream/cluster.js";
import type { Clusters, WorkerPools } from "../upstream/clusters.js";
import type { ResetReason } from "../upstream/connection.js";
import type { UpstreamHost } from "../upstream/host.js";
import { Attempt, type AttemptHandler } from "./attempt.js";
import { directResponse } from "./direct-response.js";
import { resetMessage } from "./reset-message.js";
import { RetryState, type RetryVerdict } from "./retry.js";
import { requestOf } from "./upstream-request.js";

/** Envoy's default buffer limit: a longer request body is not kept for a retry. */
const RETRY_BUFFER_LIMIT = 1024 * 1024;

/** What the router of a worker needs. */
export interface RouterContext {
  readonly worker: number;
  readonly clusters: Clusters;
  readonly pools: WorkerPools;
}

/** The last filter: sends the request to a host of the route's cluster and the answer back (Envoy: `Router::Filter`). */
export class Router extends StreamFilter implements AttemptHandler {
  #cluster!: Cluster;
  #selected!: SelectedRoute;
  #forward!: ForwardAction;
  #hostRequest!: HostRequest;
  #retry: RetryState | undefined;
  #attempt: Attempt | undefined;
  #tried = new Set<UpstreamHost>();
  #body: Buffer[] = [];
  #bodyBytes = 0;
  #requestEnded = false;
  #responding = false;
  #holdsRequest = false;
  #sentAt = 0n;
  #timeout: NodeJS.Timeout | undefined;
  #tryTimeout: NodeJS.Timeout | undefined;

  constructor(
    private readonly stream: Stream,
    private readonly context: RouterContext,
  ) {
    super();
  }

  override decodeHeaders(end: boolean): void {
    const { stream } = this;
    this.#requestEnded = end;
    const selected = stream.route;
    if (selected === undefined) {
      stream.sendLocalReply({ status: 404, body: "", details: "route_not_found", flag: "NR" });
      return;
    }
    if (selected.route.directResponse !== undefined) {
      directResponse(stream, selected, selected.route.directResponse);
      return;
    }
    const cluster = this.context.clusters.get(selected.clusterName ?? "");
    if (cluster === undefined) {
      stream.sendLocalReply({ status: 503, body: "", details: "cluster_not_found", flag: "NC" });
      return;
    }
    this.#cluster = cluster;
    this.#selected = selected;
    this.#forward = selected.route.forward!;
    this.#begin(end);
  }

  override decodeData(chunk: Buffer, end: boolean): void {
    this.#requestEnded = end;
    if (this.#retry !== undefined) this.#keepForRetry(chunk);
    if (this.#attempt !== undefined && !this.#attempt.write(chunk, end) && !this.#holdsRequest) {
      this.#holdsRequest = true;
      this.stream.requestFlow.hold();
    }
    if (end) this.#startTimeouts();
  }

  override onLocalReply(): void {
    this.onDestroy();
  }

  override onDestroy(): void {
    clearTimeout(this.#timeout);
    clearTimeout(this.#tryTimeout);
    this.#retry?.stop();
    this.#retry = undefined;
    this.#abandonAttempt();
  }

  #begin(end: boolean): void {
    const { stream } = this;
    const { retry, timeoutMs, hashPolicy } = this.#forward;
    const { requestHeaders } = stream;
    if (timeoutMs > 0) requestHeaders.replace("x-envoy-expected-rq-timeout-ms", String(timeoutMs));
    this.#hostRequest = {
      requestHeaders,
      hash: requestHash(hashPolicy, requestHeaders, stream.info),
      overrideHosts: undefined,
      get overrideHost() {
        return stream.info.attempts === 0 ? stream.info.overrideHost : undefined;
      },
      get reselections() {
        return stream.info.attempts === 0 ? 0 : (retry?.hostSelectionRetryMaxAttempts ?? 0);
      },
      rejects: (host) => retry?.avoidPreviousHosts === true && this.#tried.has(host),
    };
    mutateRequest(stream, this.#selected);
    if (retry !== undefined) this.#retry = new RetryState(retry, this.#cluster, stream.runtime);
    stream.onResponseFlow = {
      pause: () => this.#attempt?.pause(),
      resume: () => this.#attempt?.resume(),
    };
    this.#try();
    if (end) this.#startTimeouts();
  }

  /** One attempt at a host of the cluster's choice. */
  #try(): void {
    const { stream } = this;
    const cluster = this.#cluster;
    const host = cluster.select(this.context.worker, this.#hostRequest);
    if (host === undefined) {
      cluster.count("upstream_cx_none_healthy");
      this.#reply(503, "no healthy upstream", "no_healthy_upstream", "UH");
      return;
    }
    stream.info.attempts++;
    stream.info.upstreamHost = host;
    this.#tried.add(host);
    const request = requestOf(stream.requestHeaders);
    if (typeof request === "string") {
      this.#reply(503, request, `filter_removed_required_request_headers{${request}}`);
      return;
    }
    const pool = this.context.pools.of(cluster, host);
    const ended = this.#requestEnded && this.#body.length === 0;
    const attempt = new Attempt(host, cluster, pool, request, ended, this);
    this.#attempt = attempt;
    this.#body.forEach((chunk, index) => {
      attempt.write(chunk, this.#requestEnded && index === this.#body.length - 1);
    });
    if (this.#requestEnded) this.#startTryTimeout();
  }

  onConnected(localAddress: string): void {
    this.stream.info.upstreamLocalAddress = localAddress;
    this.#sentAt = this.stream.runtime.clock.now();
  }

  onHeaders(headers: HeaderMap, end: boolean): void {
    const status = Number(headers.get(":status"));
    const { stream } = this;
    clearTimeout(this.#tryTimeout);
    this.#countStatus(status);
    if (end) this.#attempt = undefined;
    const verdict = this.#retry?.onStatus(status, () => this.#try());
    if (verdict === "retry") {
      this.#abandonAttempt();
      return;
    }
    this.#flagVerdict(verdict);
    this.#responding = true;
    this.#retry?.stop();
    this.#retry = undefined;
    this.#body = [];
    const elapsed = (stream.runtime.clock.now() - this.#sentAt) / 1_000_000n;
    headers.replace("x-envoy-upstream-service-time", String(elapsed));
    stream.info.responseCodeDetails = "via_upstream";
    mutateResponse(headers, stream, this.#selected);
    if (end) clearTimeout(this.#timeout);
    stream.encodeHeaders(headers, end);
  }

  onData(chunk: Buffer): void {
    this.stream.encodeData(chunk, false);
  }

  onEnd(): void {
    clearTimeout(this.#timeout);
    this.#attempt = undefined;
    this.stream.encodeData(Buffer.alloc(0), true);
  }

  onReset(reason: ResetReason): void {
    const attempt = this.#attempt!;
    this.#attempt = undefined;
    clearTimeout(this.#tryTimeout);
    const flag = flagOf(reason, attempt.sent);
    if (this.#responding) {
      this.stream.info.responseFlags.add(flag);
      this.stream.info.responseCodeDetails = `upstream_reset_after_response_started{${reason.replaceAll(" ", "_")}}`;
      this.stream.reset();
      return;
    }
    attempt.host.stats.rq_error.inc();
    const verdict = this.#retry?.onReset(reason, attempt.sent, () => this.#try());
    if (verdict === "retry") return;
    this.#flagVerdict(verdict);
    this.#cluster.count("upstream_rq_503");
    this.#cluster.count("upstream_rq_5xx");
    this.#reply(
      reason === "protocol error" ? 502 : 503,
      resetMessage(reason, this.stream.info.attempts),
      `upstream_reset_before_response_started{${reason}}`,
      flag,
    );
  }

  onDrain(): void {
    if (!this.#holdsRequest) return;
    this.#holdsRequest = false;
    this.stream.requestFlow.release();
  }

  /** The body so far, for another attempt; one that grows too long cannot be tried again. */
  #keepForRetry(chunk: Buffer): void {
    this.#body.push(chunk);
    this.#bodyBytes += chunk.length;
    if (this.#bodyBytes <= RETRY_BUFFER_LIMIT) return;
    this.#cluster.count("retry_or_shadow_abandoned");
    this.#retry?.stop();
    this.#retry = undefined;
    this.#body = [];
  }

  #startTimeouts(): void {
    const { timeoutMs } = this.#forward;
    if (timeoutMs > 0 && this.stream.decoding) this.#timeout = setTimeout(() => this.#onTimeout(), timeoutMs);
    this.#startTryTimeout();
  }

  #startTryTimeout(): void {
    const limit = this.#forward.retry?.perTryTimeoutMs;
    clearTimeout(this.#tryTimeout);
    if (limit === undefined || this.#attempt === undefined) return;
    this.#tryTimeout = setTimeout(() => {
      this.#cluster.count("upstream_rq_per_try_timeout");
      const verdict = this.#retry?.onReset("local reset", this.#attempt!.sent, () => this.#try());
      this.#abandonAttempt();
      if (verdict === "retry") return;
      this.#flagVerdict(verdict);
      this.#replyTimeout("upstream_per_try_timeout");
    }, limit);
  }

  #onTimeout(): void {
    this.#cluster.count("upstream_rq_timeout");
    this.#attempt?.host.stats.rq_timeout.inc();
    if (this.#responding) {
      this.stream.info.responseFlags.add("UT");
      this.stream.reset();
      return;
    }
    this.#abandonAttempt();
    this.#replyTimeout("response_timeout");
  }

  #replyTimeout(details: string): void {
    this.#countStatus(504);
    this.#reply(504, "upstream request timeout", details, "UT");
  }

  #abandonAttempt(): void {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    attempt?.cancel();
  }

  #reply(status: number, body: string, details: string, flag?: ResponseFlag): void {
    this.stream.sendLocalReply({ status, body, details, flag });
  }

  #flagVerdict(verdict: RetryVerdict | undefined): void {
    if (verdict === "limit") this.stream.info.responseFlags.add("URX");
    if (verdict === "overflow") this.stream.info.responseFlags.add("UO");
  }

  #countStatus(status: number): void {
    this.#cluster.count(`upstream_rq_${status}`);
    this.#cluster.count(`upstream_rq_${Math.floor(status / 100)}xx`);
    this.#cluster.count("upstream_rq_completed");
    const { stats } = this.#attempt?.host ?? {};
    if (status >= 500) stats?.rq_error.inc();
    else stats?.rq_success.inc();
  }
}

function flagOf(reason: ResetReason, sent: boolean): ResponseFlag {
  if (reason === "protocol error") return "UPE";
  return sent ? "UC" : "UF";
}
