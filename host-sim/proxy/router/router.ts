import type { ForwardAction } from "../../envoy-config/index.js";
import { HeaderMap } from "../../wasm-host/index.js";
import { setField } from "../header-fields.js";
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
import { RequestBody } from "./request-body.js";
import { flagOf, resetDetails, resetMessage } from "./resets.js";
import { RetryState, type RetryVerdict, takeMaxRetries } from "./retry.js";
import { requestOf } from "./upstream-request.js";

/** What the router of a worker needs. */
export interface RouterContext {
  readonly worker: number;
  readonly clusters: Clusters;
  readonly pools: WorkerPools;
}

/** The last filter: finds the route and its cluster, and answers where there is none (Envoy: `Router::Filter`). */
export class Router extends StreamFilter {
  #forwarding: Forwarding | undefined;

  constructor(
    private readonly stream: Stream,
    private readonly context: RouterContext,
  ) {
    super();
  }

  override decodeHeaders(end: boolean): void {
    const { stream } = this;
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
    this.#forwarding = new Forwarding(stream, selected, selected.route.forward!, cluster, this.context, !end);
    this.#forwarding.begin();
  }

  override decodeData(chunk: Buffer, end: boolean): void {
    this.#forwarding?.data(chunk, end);
  }

  override onLocalReply(): void {
    this.#forwarding?.cancel();
  }

  override onDestroy(): void {
    this.#forwarding?.cancel();
  }
}

/** A request on its way to a cluster: its attempts, one after the other, and its timeouts. */
class Forwarding implements AttemptHandler {
  readonly #body: RequestBody;
  readonly #hostRequest: HostRequest;
  readonly #tried = new Set<UpstreamHost>();
  readonly #isUpgrade: boolean;
  #retry: RetryState | undefined;
  #attempt: Attempt | undefined;
  #responding = false;
  #holdsRequest = false;
  #timeout: NodeJS.Timeout | undefined;
  #tryTimeout: NodeJS.Timeout | undefined;

  constructor(
    private readonly stream: Stream,
    private readonly selected: SelectedRoute,
    private readonly forward: ForwardAction,
    private readonly cluster: Cluster,
    private readonly context: RouterContext,
    private readonly hasBody: boolean,
  ) {
    this.#body = new RequestBody(!hasBody);
    this.#isUpgrade = stream.requestHeaders.get("upgrade") !== undefined;
    this.#hostRequest = this.#createHostRequest();
    const { retry } = forward;
    const asked = takeMaxRetries(stream.requestHeaders);
    if (retry !== undefined) {
      this.#retry = new RetryState(retry, asked ?? retry.numRetries, cluster, stream.runtime);
    }
    stream.onResponseFlow = {
      pause: () => this.#attempt?.pause(),
      resume: () => this.#attempt?.resume(),
    };
  }

  begin(): void {
    this.#announceTimeout(this.forward.timeoutMs);
    mutateRequest(this.stream, this.selected.mutations);
    this.#try();
    if (this.#body.ended) this.#startTimeouts();
  }

  data(chunk: Buffer, end: boolean): void {
    this.#body.ended = end;
    if (this.#retry !== undefined && !this.#body.keep(chunk) && !this.#giveUpRetries()) return;
    if (this.#attempt?.write(chunk, end) === false) this.#holdRequest();
    if (end) this.#startTimeouts();
  }

  /** Stops everything without a word. */
  cancel(): void {
    clearTimeout(this.#timeout);
    clearTimeout(this.#tryTimeout);
    this.#retry?.stop();
    this.#retry = undefined;
    this.#abandonAttempt();
  }

  /** What the load balancer is told: on a retry no session's host, and perhaps not those tried before. */
  #createHostRequest(): HostRequest {
    const { requestHeaders, info } = this.stream;
    const { retry, hashPolicy } = this.forward;
    const isRetry = () => info.attempts > 1;
    return {
      requestHeaders,
      get hash() {
        return requestHash(hashPolicy, requestHeaders, info);
      },
      overrideHosts: undefined,
      get overrideHost() {
        return isRetry() ? undefined : info.overrideHost;
      },
      get reselections() {
        return isRetry() ? (retry?.hostSelectionRetryMaxAttempts ?? 0) : 0;
      },
      rejects: (host) => isRetry() && retry?.avoidPreviousHosts === true && this.#tried.has(host),
    };
  }

  /** One attempt at a host of the cluster's choice. */
  #try(): void {
    const { stream, cluster, context } = this;
    stream.info.attempts++;
    const host = cluster.select(context.worker, this.#hostRequest);
    if (host === undefined) {
      cluster.stats.upstream_cx_none_healthy.inc();
      cluster.stats.chargeStatus(503);
      // As in Envoy, this answer goes through the route's header mutations.
      const headers = new HeaderMap("response");
      mutateResponse(headers, stream, this.selected.mutations);
      const details = "no_healthy_upstream";
      stream.sendLocalReply({ status: 503, body: "no healthy upstream", details, flag: "UH", headers: headers.fields });
      return;
    }
    stream.info.upstreamHost = host;
    this.#tried.add(host);
    const request = requestOf(stream.requestHeaders, cluster.config.upstreamRequestHeadersToRemove, this.hasBody);
    if (typeof request === "string") {
      this.#reply(503, request, `filter_removed_required_request_headers{${request}}`, "DPE");
      return;
    }
    const { chunks, ended } = this.#body;
    const attempt = new Attempt(host, cluster, context.pools.of(cluster, host), request, this);
    this.#attempt = attempt;
    for (const [index, chunk] of chunks.entries()) attempt.write(chunk, ended && index === chunks.length - 1);
    if (ended) this.#startTryTimeout();
  }

  /** Another attempt, with the time that is left. */
  readonly #tryAgain = (): void => {
    const { info, runtime } = this.stream;
    const elapsed = Number((runtime.clock.now() - (info.requestEnd ?? info.start)) / 1_000_000n);
    this.#announceTimeout(this.forward.timeoutMs - elapsed);
    this.#try();
  };

  #announceTimeout(milliseconds: number): void {
    if (milliseconds > 0) setField(this.stream.requestHeaders, "x-envoy-expected-rq-timeout-ms", String(milliseconds));
  }

  onConnected(localAddress: string): void {
    this.stream.info.upstreamLocalAddress = localAddress;
  }

  onHeaders(headers: HeaderMap, end: boolean): void {
    const status = Number(headers.get(":status"));
    clearTimeout(this.#tryTimeout);
    this.#attempt!.host.chargeStatus(status);
    if (end) this.#attempt = undefined;
    const verdict = this.#retry?.onStatus(status, this.#tryAgain);
    if (verdict === "retry") {
      this.#abandonAttempt();
      return;
    }
    this.#flagVerdict(verdict);
    this.cluster.stats.chargeStatus(status);
    this.#responding = true;
    this.#retry?.stop();
    this.#retry = undefined;
    this.#body.drop();
    if (this.#isUpgrade && status >= 200 && status < 300) this.#answerUnupgraded(headers);
    else this.#answer(headers, end);
  }

  #answer(headers: HeaderMap, end: boolean): void {
    const { stream } = this;
    const { requestEnd } = stream.info;
    if (requestEnd !== undefined) {
      const elapsed = (stream.runtime.clock.now() - requestEnd) / 1_000_000n;
      setField(headers, "x-envoy-upstream-service-time", String(elapsed));
    }
    stream.info.responseCodeDetails = "via_upstream";
    stream.info.responseCode = Number(headers.get(":status"));
    mutateResponse(headers, stream, this.selected.mutations);
    if (end) clearTimeout(this.#timeout);
    stream.encodeHeaders(headers, end);
  }

  /** An upgrade that is answered like any request: as in Envoy, the client gets the bare head. */
  #answerUnupgraded(headers: HeaderMap): void {
    this.stream.info.responseCodeDetails = "websocket_handshake_unsuccessful";
    headers.remove("content-length");
    this.#abandonAttempt();
    this.stream.encodeHeaders(headers, true);
  }

  onData(chunk: Buffer): void {
    this.stream.encodeData(chunk, false);
  }

  onEnd(): void {
    clearTimeout(this.#timeout);
    this.#attempt = undefined;
    this.stream.encodeData(Buffer.alloc(0), true);
  }

  onReset(reason: ResetReason, cause?: string): void {
    const attempt = this.#attempt!;
    const { stream, cluster } = this;
    this.#attempt = undefined;
    this.#releaseRequest();
    clearTimeout(this.#tryTimeout);
    const flag = flagOf(reason, attempt.sent);
    if (this.#responding) {
      stream.info.responseFlags.add(flag);
      stream.info.responseCodeDetails = resetDetails("after", reason, cause);
      stream.reset();
      return;
    }
    const status = reason === "protocol error" ? 502 : 503;
    attempt.host.chargeStatus(status);
    const verdict = this.#retry?.onReset(reason, attempt.sent, this.#tryAgain);
    if (verdict === "retry") return;
    this.#flagVerdict(verdict);
    cluster.stats.chargeStatus(status);
    this.#reply(status, resetMessage(reason, stream.info.attempts), resetDetails("before", reason, cause), flag);
  }

  onDrain(): void {
    this.#releaseRequest();
  }

  /** The body has grown too long to be sent again. @returns false if it cannot be sent at all any more */
  #giveUpRetries(): boolean {
    this.cluster.stats.retry_or_shadow_abandoned.inc();
    this.#retry?.stop();
    this.#retry = undefined;
    this.#body.drop();
    if (this.#attempt !== undefined) return true;
    const details = "request_payload_exceeded_retry_buffer_limit";
    this.#reply(507, "exceeded request buffer limit while retrying upstream", details, undefined);
    return false;
  }

  #startTimeouts(): void {
    const { timeoutMs } = this.forward;
    if (!this.stream.decoding) return;
    if (timeoutMs > 0) this.#timeout = setTimeout(() => this.#onTimeout(), timeoutMs);
    this.#startTryTimeout();
  }

  #startTryTimeout(): void {
    const limit = this.forward.retry?.perTryTimeoutMs;
    clearTimeout(this.#tryTimeout);
    if (limit !== undefined && this.#attempt !== undefined && !this.#responding) {
      this.#tryTimeout = setTimeout(() => this.#onTryTimeout(this.#attempt!), limit);
    }
  }

  #onTryTimeout(attempt: Attempt): void {
    this.cluster.stats.upstream_rq_per_try_timeout.inc();
    attempt.host.stats.rq_timeout.inc();
    attempt.host.chargeStatus(504);
    this.#abandonAttempt();
    const verdict = this.#retry?.onReset("local reset", attempt.sent, this.#tryAgain);
    if (verdict === "retry") return;
    this.#flagVerdict(verdict);
    this.#replyTimeout("upstream_per_try_timeout");
  }

  #onTimeout(): void {
    this.cluster.stats.upstream_rq_timeout.inc();
    const host = this.#attempt?.host;
    host?.stats.rq_timeout.inc();
    host?.chargeStatus(504);
    if (this.#responding) {
      this.stream.info.responseFlags.add("UT");
      this.stream.reset();
      return;
    }
    this.#replyTimeout("response_timeout");
  }

  #replyTimeout(details: string): void {
    this.cluster.stats.chargeStatus(504);
    this.#reply(504, "upstream request timeout", details, "UT");
  }

  #reply(status: number, body: string, details: string, flag: ResponseFlag | undefined): void {
    this.stream.sendLocalReply({ status, body, details, flag });
  }

  #abandonAttempt(): void {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    this.#releaseRequest();
    attempt?.cancel();
  }

  #holdRequest(): void {
    if (this.#holdsRequest) return;
    this.#holdsRequest = true;
    this.stream.requestFlow.hold();
  }

  #releaseRequest(): void {
    if (!this.#holdsRequest) return;
    this.#holdsRequest = false;
    this.stream.requestFlow.release();
  }

  #flagVerdict(verdict: RetryVerdict | undefined): void {
    if (verdict === "limit") this.stream.info.responseFlags.add("URX");
    if (verdict === "overflow") this.stream.info.responseFlags.add("UO");
  }
}
