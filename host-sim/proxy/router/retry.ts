import type { RetryPolicy } from "../../envoy-config/index.js";
import type { HeaderMap } from "../../wasm-host/index.js";
import type { Runtime } from "../runtime.js";
import type { Cluster } from "../upstream/cluster.js";
import type { ResetReason } from "../upstream/connection.js";

/** Backoff of Envoy's default `retry_back_off`, in ms. */
const BASE_INTERVAL = 25;
const MAX_INTERVAL = 250;

const CONNECT_FAILURES: ReadonlySet<ResetReason> = new Set([
  "remote connection failure",
  "local connection failure",
  "connection timeout",
]);

/** What a filter says in `x-envoy-max-retries`, which comes before the route's number; it goes no further. */
export function takeMaxRetries(headers: HeaderMap): number | undefined {
  const text = headers.get("x-envoy-max-retries");
  headers.remove("x-envoy-max-retries");
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Why there is no retry: the policy does not ask for one, its number is used up, or the cluster has too many at once. */
export type RetryVerdict = "retry" | "not asked" | "limit" | "overflow";

/** How often, and for what, one request is tried again (Envoy: `RetryStateImpl`). */
export class RetryState {
  #remaining: number;
  #attempt = 0;
  #timer: NodeJS.Timeout | undefined;
  #holdsPlace = false;

  constructor(
    private readonly policy: RetryPolicy,
    numRetries: number,
    private readonly cluster: Cluster,
    private readonly runtime: Runtime,
  ) {
    this.#remaining = numRetries;
  }

  /** @param requestSent false while no byte of the request has been written to the upstream */
  onReset(reason: ResetReason, requestSent: boolean, retry: () => void): RetryVerdict {
    const { retryOn } = this.policy;
    const wanted =
      retryOn.has("5xx") ||
      retryOn.has("gateway-error") ||
      retryOn.has("reset") ||
      (retryOn.has("connect-failure") && CONNECT_FAILURES.has(reason)) ||
      (retryOn.has("reset-before-request") && !requestSent);
    return this.#decide(wanted, retry);
  }

  onStatus(status: number, retry: () => void): RetryVerdict {
    const { retryOn, retriableStatusCodes } = this.policy;
    const wanted =
      (retryOn.has("5xx") && status >= 500) ||
      (retryOn.has("gateway-error") && status >= 502 && status <= 504) ||
      (retryOn.has("retriable-status-codes") && retriableStatusCodes.includes(status));
    const verdict = this.#decide(wanted, retry);
    if (this.#attempt > 0 && !wanted) this.cluster.stats.upstream_rq_retry_success.inc();
    return verdict;
  }

  /** The request is over: no retry starts any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#leavePlace();
  }

  #decide(wanted: boolean, retry: () => void): RetryVerdict {
    this.#leavePlace();
    if (!wanted) return "not asked";
    if (this.#remaining === 0) {
      this.cluster.stats.upstream_rq_retry_limit_exceeded.inc();
      return "limit";
    }
    this.#remaining--;
    if (!this.cluster.beginRetry()) {
      this.cluster.stats.upstream_rq_retry_overflow.inc();
      return "overflow";
    }
    this.#holdsPlace = true;
    this.cluster.stats.upstream_rq_retry.inc();
    this.#timer = setTimeout(retry, this.#backoff());
    return "retry";
  }

  /** Envoy: `JitteredExponentialBackOffStrategy`. */
  #backoff(): number {
    const interval = Math.min(BASE_INTERVAL * 2 ** this.#attempt++, MAX_INTERVAL);
    return Math.floor(this.runtime.random() * interval);
  }

  #leavePlace(): void {
    if (this.#holdsPlace) this.cluster.endRetry();
    this.#holdsPlace = false;
  }
}
