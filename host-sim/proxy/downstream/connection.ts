import type { LocalReply, Stream } from "../stream/stream.js";
import type { ConnectionInfo } from "../stream/stream-info.js";
import type { Worker } from "../worker.js";
import type { FilterChain } from "./filter-chain.js";
import type { ListenerStats } from "./listener-stats.js";

const BAD_REQUEST: LocalReply = { status: 400, body: "Bad Request", details: "http1.codec_error", flag: "DPE" };

/** One downstream connection: it stays with its worker and its filter chain. */
export class Connection {
  readonly #waiting: (() => void)[] = [];
  #isBusy = false;
  #stream: Stream | undefined;
  #isClosed = false;

  constructor(
    readonly info: ConnectionInfo,
    readonly worker: Worker,
    readonly chain: FilterChain,
    readonly stats: ListenerStats,
  ) {}

  /** Serves a request (or answers what is none) when the one before it is over: Envoy takes pipelined requests in turn. */
  inTurn(serve: () => void): void {
    if (this.#isBusy) {
      this.#waiting.push(serve);
      return;
    }
    this.#isBusy = true;
    serve();
  }

  /**
   * The client has sent what is no HTTP: it ends the request that it is part of, or is answered like one.
   * @param refuse answers it, past all filters
   */
  codecError(refuse: () => void): void {
    const stream = this.#stream;
    if (stream !== undefined && stream.info.requestEnd === undefined) stream.sendLocalReply(BAD_REQUEST);
    else this.inTurn(refuse);
  }

  begin(stream: Stream): void {
    this.#stream = stream;
  }

  /** The stream has been answered, or broken. */
  end(): void {
    this.#stream = undefined;
    const next = this.#waiting.shift();
    if (next === undefined) this.#isBusy = false;
    // Not at once: the filters of the stream that is over have yet to end.
    else queueMicrotask(() => !this.#isClosed && next());
  }

  /** The client has gone, or the proxy has closed the socket. */
  close(): void {
    this.#isClosed = true;
    this.#stream?.onDownstreamReset();
  }
}
