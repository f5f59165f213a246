import type { HeaderMap, LocalReply, StreamDirection, StreamHost } from "../../wasm-host/index.js";
import { filterStateKey } from "../attributes/index.js";
import type { Stream } from "../stream/stream.js";
import type { Passage } from "./passage.js";

/** What the wasm host sees of a stream (Envoy: `Wasm::Context`'s access to headers, bodies and properties). */
export class WasmStreamHost implements StreamHost {
  readonly #continues = new Set<StreamDirection>();
  #ending: LocalReply | "close" | undefined;
  #isInCallback = false;
  #isLogging = false;

  /**
   * @param attribute the bytes of an attribute
   * @param onRequests something has been asked for outside of the stream's own callbacks (in an HTTP call's answer, a tick)
   */
  constructor(
    private readonly stream: Stream,
    private readonly passages: Record<StreamDirection, Passage>,
    private readonly attribute: (path: readonly string[], headers: StreamHost["headers"]) => Uint8Array | undefined,
    private readonly onRequests: () => void,
  ) {}

  /** Runs a callback of the filter; what it asks for is kept until it is taken. */
  inCallback<T>(callback: () => T): T {
    this.#isInCallback = true;
    try {
      return callback();
    } finally {
      this.#isInCallback = false;
    }
  }

  /** The end of the stream that the filter has asked for. */
  takeEnding(): LocalReply | "close" | undefined {
    const ending = this.#ending;
    this.#ending = undefined;
    return ending;
  }

  /** The directions that the filter lets go on. */
  takeContinues(): StreamDirection[] {
    const directions = [...this.#continues];
    this.#continues.clear();
    return directions;
  }

  /** From now on, as access logs do, the filter sees all headers. */
  beginLog(): void {
    this.#isLogging = true;
  }

  /** Headers that have passed the filter are out of its sight, until the log. */
  headers(direction: StreamDirection): HeaderMap | undefined {
    if (!this.#isLogging && !this.passages[direction].headersOpen) return undefined;
    return direction === "request" ? this.stream.requestHeaders : this.stream.responseHeaders;
  }

  /** Envoy takes no trailers off HTTP/1.1. */
  trailers(): undefined {
    return undefined;
  }

  body(direction: StreamDirection): Uint8Array {
    return this.passages[direction].body;
  }

  setBody(direction: StreamDirection, body: Uint8Array): void {
    this.passages[direction].body = body;
  }

  property(path: string[]): Uint8Array | undefined {
    return this.attribute(path, (direction) => this.headers(direction));
  }

  /** Filter state with Envoy's prefix. */
  setProperty(path: string[], value: Uint8Array): void {
    this.stream.info.filterState.set(filterStateKey(path), value.slice());
  }

  sendLocalReply(reply: LocalReply): void {
    this.#ending ??= reply;
    this.#announce();
  }

  continueStream(direction: StreamDirection): void {
    this.#continues.add(direction);
    this.#announce();
  }

  closeStream(): void {
    this.#ending ??= "close";
    this.#announce();
  }

  clearRouteCache(): void {
    this.stream.clearRouteCache();
  }

  #announce(): void {
    if (!this.#isInCallback) queueMicrotask(this.onRequests);
  }
}
