import { type HeaderField, HeaderMap } from "../../wasm-host/index.js";
import type { SelectedRoute } from "../routing/route-table.js";
import type { Runtime } from "../runtime.js";
import { linkFilters, type StreamFilter } from "./filter.js";
import { Flow } from "./flow.js";
import type { ResponseFlag } from "./response-flags.js";
import type { StreamInfo } from "./stream-info.js";

/** The client's side of a stream. */
export interface Downstream {
  /** Writes the final response's head; `fields` without pseudo-headers. @returns false if they are no HTTP. */
  writeHead(status: number, fields: readonly HeaderField[], end: boolean): boolean;
  /** @returns false if the client is slower: the stream's `responseFlow` is held until it has caught up. */
  writeData(chunk: Buffer, end: boolean): boolean;
  /** Breaks the connection. */
  reset(): void;
  pauseRequest(): void;
  resumeRequest(): void;
}

/** An answer made by the proxy or a filter. */
export interface LocalReply {
  status: number;
  body: string | Buffer;
  /** `%RESPONSE_CODE_DETAILS%`. */
  details: string;
  flag?: ResponseFlag;
  /** Added before the length and the type of the body. */
  headers?: readonly HeaderField[];
}

/** One request and its response on their way through the filters. */
export class Stream {
  responseHeaders: HeaderMap | undefined;
  /** Holds the client's body back. */
  readonly requestFlow: Flow;
  /** Holds the upstream's body back; the router says how. */
  readonly responseFlow: Flow;
  onResponseFlow: { pause(): void; resume(): void } | undefined;
  #filters: readonly StreamFilter[] = [];
  #begun = false;
  #headSent = false;
  #localReply = false;
  #ended = false;

  /** @param onEnd called once, when the stream is over and its filters are not yet destroyed */
  constructor(
    readonly requestHeaders: HeaderMap,
    readonly info: StreamInfo,
    readonly runtime: Runtime,
    private readonly downstream: Downstream,
    private readonly onEnd: (stream: Stream) => void,
  ) {
    this.requestFlow = new Flow(
      () => downstream.pauseRequest(),
      () => downstream.resumeRequest(),
    );
    this.responseFlow = new Flow(
      () => this.onResponseFlow?.pause(),
      () => this.onResponseFlow?.resume(),
    );
  }

  /** The filters in the order of the request; the first one writes the response, the last is the router. */
  setFilters(filters: readonly StreamFilter[]): void {
    this.#filters = filters;
    linkFilters(filters);
  }

  get route(): SelectedRoute | undefined {
    return this.info.route;
  }

  /** Over: nothing may be done to it any more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** False once the request has been answered locally or the stream is over: filters then stop reading it. */
  get decoding(): boolean {
    return !this.#localReply && !this.#ended;
  }

  get headSent(): boolean {
    return this.#headSent;
  }

  /** The route will be selected anew, from the headers as they are then. */
  clearRouteCache(): void {
    if (!this.#headSent) this.info.clearRoute();
  }

  decodeHeaders(end: boolean): void {
    if (end) this.info.requestEnd = this.runtime.clock.now();
    this.#begun = true;
    this.#filters[0]!.decodeHeaders(end);
  }

  decodeData(chunk: Buffer, end: boolean): void {
    this.info.requestBytes += chunk.length;
    if (end) this.info.requestEnd = this.runtime.clock.now();
    if (this.decoding) this.#filters[0]!.decodeData(chunk, end);
  }

  /** The router has the upstream's response head. */
  encodeHeaders(headers: HeaderMap, end: boolean): void {
    this.responseHeaders = headers;
    this.info.responseCode = Number(headers.get(":status"));
    this.#filters.at(-1)!.encodeHeaders(end);
  }

  encodeData(chunk: Buffer, end: boolean): void {
    if (this.decoding) this.#filters.at(-1)!.encodeData(chunk, end);
  }

  /**
   * Answers instead of an upstream: through the filters if they have seen the request and no response
   * yet, past them if the response's head has not been sent, else by breaking the stream (Envoy: `FilterManager::sendLocalReply`).
   */
  sendLocalReply(reply: LocalReply): void {
    if (this.#ended) return;
    this.#localReply = true;
    this.#filters.at(-1)!.onLocalReply();
    this.info.responseCodeDetails = reply.details.replaceAll(" ", "_");
    if (reply.flag !== undefined) this.info.responseFlags.add(reply.flag);
    if (this.#headSent) {
      this.reset();
      return;
    }
    const isFirst = this.#begun && this.responseHeaders === undefined;
    const through = isFirst ? this.#filters.at(-1)! : this.#filters[0]!;
    const body = Buffer.from(reply.body);
    const headers = new HeaderMap("response", [[":status", String(reply.status)], ...(reply.headers ?? [])]);
    if (body.length > 0) {
      headers.replace("content-length", String(body.length));
      if (headers.get("content-type") === undefined) headers.add("content-type", "text/plain");
    }
    this.responseHeaders = headers;
    this.info.responseCode = reply.status;
    const end = body.length === 0 || this.requestHeaders.get(":method") === "HEAD";
    through.encodeHeaders(end);
    if (!end && !this.#ended) through.encodeData(body, true);
  }

  /** Called by the first filter: everything has been said about the response's head. */
  writeHead(end: boolean): void {
    this.#headSent = true;
    const headers = this.responseHeaders!;
    this.info.responseStart = this.runtime.clock.now();
    this.info.responseCode = Number(headers.get(":status"));
    const fields = headers.fields.filter(([name]) => !name.startsWith(":"));
    if (!this.downstream.writeHead(this.info.responseCode, fields, end)) this.reset();
    else if (end) this.finish();
  }

  writeData(chunk: Buffer, end: boolean): void {
    this.info.responseBytes += chunk.length;
    if (!this.downstream.writeData(chunk, end)) this.responseFlow.hold();
    if (end) this.finish();
  }

  /** Breaks the stream on both sides. */
  reset(): void {
    if (this.#ended) return;
    this.downstream.reset();
    this.finish();
  }

  /** The client has gone. */
  onDownstreamReset(): void {
    if (this.#ended) return;
    this.info.responseFlags.add("DC");
    this.info.responseCodeDetails = "downstream_remote_disconnect";
    this.finish();
  }

  finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.info.end = this.runtime.clock.now();
    this.onEnd(this);
    for (const filter of this.#filters) filter.onDestroy();
  }
}
