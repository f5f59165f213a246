import { BufferType, MapType } from "./abi.js";
import type { CallbackName } from "./callbacks.js";
import { Context } from "./context.js";
import { FilterTrapped } from "./errors.js";
import type { GuestBuffer } from "./host-calls/buffers.js";
import type { RootContext } from "./root-context.js";
import type { FilterAction, HeaderMap, LocalReply, PluginStream, StreamDirection, StreamHost } from "./types.js";
import type { Vm } from "./vm.js";

/**
 * Which parts the guest may touch: a part is there from its callback on, until the callback lets the
 * stream go on. (So, as in Envoy, a filter cannot read request headers while it handles the response.)
 */
class Parts {
  headers = false;
  body = false;
  trailers = false;
}

/** One HTTP stream in one plugin. */
export class StreamContext extends Context implements PluginStream {
  readonly #host: StreamHost;
  readonly #parts: Record<StreamDirection, Parts> = { request: new Parts(), response: new Parts() };
  #phase: "open" | "logging" | "ended" = "open";

  constructor(
    vm: Vm,
    id: number,
    readonly root: RootContext,
    host: StreamHost,
  ) {
    super(vm, id);
    this.#host = host;
  }

  get pluginName(): string {
    return this.root.pluginName;
  }

  get wants(): PluginStream["wants"] {
    return this.vm.wants;
  }

  override get logging(): boolean {
    return this.#phase === "logging";
  }

  onRequestHeaders(endOfStream: boolean): FilterAction {
    return this.#onHeaders("request", "proxy_on_request_headers", endOfStream);
  }

  onResponseHeaders(endOfStream: boolean): FilterAction {
    return this.#onHeaders("response", "proxy_on_response_headers", endOfStream);
  }

  onRequestBody(size: number, endOfStream: boolean): FilterAction {
    return this.#on("request", "body", "proxy_on_request_body", size, endOfStream);
  }

  onResponseBody(size: number, endOfStream: boolean): FilterAction {
    return this.#on("response", "body", "proxy_on_response_body", size, endOfStream);
  }

  onRequestTrailers(): FilterAction {
    const count = this.#host.trailers("request")?.fields.length ?? 0;
    return this.#on("request", "trailers", "proxy_on_request_trailers", count);
  }

  onResponseTrailers(): FilterAction {
    const count = this.#host.trailers("response")?.fields.length ?? 0;
    return this.#on("response", "trailers", "proxy_on_response_trailers", count);
  }

  /** Does not throw: a trap here is logged, and sets `vm.failed`. */
  end(): void {
    if (this.#phase !== "open") return;
    try {
      if (this.vm.failure === undefined) {
        this.#phase = "logging";
        this.vm.run(this, "proxy_on_log", this.id);
        this.#phase = "ended";
        this.vm.run(this, "proxy_on_done", this.id);
        this.vm.run(this, "proxy_on_delete", this.id);
      }
    } catch (error) {
      if (!(error instanceof FilterTrapped)) throw error;
    } finally {
      this.#phase = "ended";
      this.vm.contexts.delete(this.id);
      this.root.streamEnded();
    }
  }

  override readableMap(type: number): HeaderMap | undefined {
    if (!this.logging) return this.writableMap(type) ?? super.readableMap(type);
    switch (type) {
      case MapType.REQUEST_HEADERS:
        return this.#host.headers("request");
      case MapType.RESPONSE_HEADERS:
        return this.#host.headers("response");
      case MapType.RESPONSE_TRAILERS:
        return this.#host.trailers("response");
      default:
        return super.readableMap(type);
    }
  }

  override writableMap(type: number): HeaderMap | undefined {
    const { request, response } = this.#parts;
    switch (type) {
      case MapType.REQUEST_HEADERS:
        return request.headers ? this.#host.headers("request") : undefined;
      case MapType.REQUEST_TRAILERS:
        return request.trailers ? this.#host.trailers("request") : undefined;
      case MapType.RESPONSE_HEADERS:
        return response.headers ? this.#host.headers("response") : undefined;
      case MapType.RESPONSE_TRAILERS:
        return response.trailers ? this.#host.trailers("response") : undefined;
      default:
        return undefined;
    }
  }

  /** Changed request headers may lead to another route: Envoy picks it anew, but not for ABI 0.1.0. */
  override mapChanged(type: number): void {
    if (type === MapType.REQUEST_HEADERS && this.vm.abi !== "0.1.0") this.clearRouteCache();
  }

  override buffer(type: number): GuestBuffer | undefined {
    if (type !== BufferType.REQUEST_BODY && type !== BufferType.RESPONSE_BODY) return super.buffer(type);
    const direction = type === BufferType.REQUEST_BODY ? "request" : "response";
    const bytes = this.#parts[direction].body ? this.#host.body(direction) : undefined;
    if (bytes === undefined) return super.buffer(type);
    return { bytes, replace: (body) => this.#host.setBody(direction, body) };
  }

  override property(path: string[]): Uint8Array | undefined {
    return super.property(path) ?? this.#host.property(path);
  }

  override setProperty(path: string[], value: Uint8Array): boolean {
    this.#host.setProperty(path, value);
    return true;
  }

  override clearRouteCache(): void {
    this.#host.clearRouteCache();
  }

  override continueStream(direction: StreamDirection): void {
    this.#defer((host) => host.continueStream(direction));
    // Envoy takes the request's parts away whatever goes on.
    this.#parts.request = new Parts();
  }

  override closeStream(direction: StreamDirection): void {
    this.#defer((host) => host.closeStream(direction));
  }

  override sendLocalReply(reply: LocalReply): void {
    this.#defer((host) => host.sendLocalReply(reply));
  }

  #onHeaders(direction: StreamDirection, callback: CallbackName, endOfStream: boolean): FilterAction {
    const count = this.#host.headers(direction)?.fields.length ?? 0;
    return this.#on(direction, "headers", callback, count, endOfStream);
  }

  #on(
    direction: StreamDirection,
    part: keyof Parts,
    callback: CallbackName,
    size: number,
    endOfStream = false,
  ): FilterAction {
    this.#parts[direction][part] = true;
    const result = this.vm.run(this, callback, this.id, size, endOfStream ? 1 : 0);
    // 2 for headers is "continue and end the stream", which Envoy takes as "continue".
    if (result !== 0 && !(result === 2 && part === "headers")) return "pause";
    this.#parts[direction][part] = false;
    return "continue";
  }

  /** Asks the proxy after the callback, unless the stream is over. */
  #defer(action: (host: StreamHost) => void): void {
    this.vm.defer(() => {
      if (this.#phase === "open") action(this.#host);
    });
  }
}
