import { HeaderMap, type HttpCallRequest, type HttpCallResult } from "../../wasm-host/index.js";
import { Attempt, type AttemptHandler } from "../router/attempt.js";
import { resetMessage } from "../router/resets.js";
import { requestOf } from "../router/upstream-request.js";
import type { Clusters, WorkerPools } from "../upstream/clusters.js";
import type { ResetReason } from "../upstream/connection.js";

/** Makes the HTTP calls of one worker's filters (Envoy: `AsyncClientImpl`): one attempt, no filters. */
export class HttpCalls {
  constructor(
    private readonly worker: number,
    private readonly clusters: Clusters,
    private readonly pools: WorkerPools,
  ) {}

  /** As `HostServices.httpCall`. */
  call(request: HttpCallRequest, respond: (result: HttpCallResult) => void): boolean | "no host" {
    const cluster = this.clusters.get(request.cluster);
    if (cluster === undefined) return false;
    const headers = new HeaderMap("request", request.headers.fields);
    const hasBody = request.body.length > 0;
    if (hasBody) headers.replace("content-length", String(request.body.length));
    headers.add("x-envoy-internal", "true");
    if (request.timeoutMs > 0) headers.add("x-envoy-expected-rq-timeout-ms", String(request.timeoutMs));
    const upstreamRequest = requestOf(headers, cluster.config.upstreamRequestHeadersToRemove, hasBody);
    if (typeof upstreamRequest === "string") return false;

    const host = cluster.select(this.worker, {
      requestHeaders: headers,
      hash: undefined,
      overrideHosts: undefined,
      overrideHost: undefined,
      reselections: 0,
      rejects: () => false,
    });
    if (host === undefined) return "no host";
    const charge = (status: number) => {
      cluster.stats.chargeStatus(status);
      host.chargeStatus(status);
    };
    const answer = new Answer(respond, charge);
    const pool = this.pools.of(cluster, host);
    const attempt = new Attempt(host, cluster, pool, upstreamRequest, answer);
    if (hasBody) attempt.write(Buffer.from(request.body), true);
    answer.timeout(attempt, request.timeoutMs);
    return true;
  }
}

/** Collects an answer; every failure before its head is one that the proxy makes itself, as in Envoy. */
class Answer implements AttemptHandler {
  #headers: HeaderMap | undefined;
  readonly #body: Buffer[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly respond: (result: HttpCallResult) => void,
    private readonly charge: (status: number) => void,
  ) {}

  timeout(attempt: Attempt, milliseconds: number): void {
    if (milliseconds === 0) return;
    this.#timer = setTimeout(() => {
      attempt.cancel();
      this.charge(504);
      this.respond(localAnswer(504, "upstream request timeout"));
    }, milliseconds);
  }

  onConnected(): void {}

  onHeaders(headers: HeaderMap, end: boolean): void {
    this.#headers = headers;
    this.charge(Number(headers.get(":status")));
    if (end) this.onEnd();
  }

  onData(chunk: Buffer): void {
    this.#body.push(chunk);
  }

  onEnd(): void {
    clearTimeout(this.#timer);
    this.respond(answer(this.#headers!, Buffer.concat(this.#body)));
  }

  onReset(reason: ResetReason): void {
    clearTimeout(this.#timer);
    if (this.#headers !== undefined) {
      this.respond({ ok: false, details: reason });
      return;
    }
    this.charge(503);
    this.respond(localAnswer(503, resetMessage(reason, 1)));
  }

  onDrain(): void {}
}

function localAnswer(status: number, text: string): HttpCallResult {
  const body = Buffer.from(text);
  const headers = new HeaderMap("response", [
    [":status", String(status)],
    ["content-length", String(body.length)],
    ["content-type", "text/plain"],
  ]);
  return answer(headers, body);
}

function answer(headers: HeaderMap, body: Buffer): HttpCallResult {
  return { ok: true, headers, body, trailers: new HeaderMap("trailers") };
}
