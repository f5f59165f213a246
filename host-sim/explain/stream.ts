/** A stream that only the filter sees: no sockets, and a note of what the filter asks for. */
import { filterStateKey } from "../proxy/attributes/index.js";
import type { StreamInfo } from "../proxy/stream/stream-info.js";
import type { HeaderMap, LocalReply, StreamDirection, StreamHost } from "../wasm-host/index.js";

type Attribute = (path: readonly string[], headers: StreamHost["headers"]) => Uint8Array | undefined;

export class ExplainedStream implements StreamHost {
  readonly reads: { property: string; value: string | null }[] = [];
  /** What the filter answers itself. */
  localReply: LocalReply | undefined;
  #response: HeaderMap | undefined;

  constructor(
    private readonly request: HeaderMap,
    private readonly info: StreamInfo,
    private readonly attribute: Attribute,
  ) {}

  /** From now on the filter sees the response, and the request's headers no more (Envoy). */
  respond(headers: HeaderMap): void {
    this.#response = headers;
  }

  /** The fields as lines, without pseudo-headers. */
  fields(direction: StreamDirection): string[] {
    const map = direction === "request" ? this.request : this.#response;
    return (map?.fields ?? []).filter(([name]) => !name.startsWith(":")).map(([name, value]) => `${name}: ${value}`);
  }

  headers(direction: StreamDirection): HeaderMap | undefined {
    if (direction === "response") return this.#response;
    return this.#response === undefined ? this.request : undefined;
  }

  property(path: string[]): Uint8Array | undefined {
    const value = this.attribute(path, (direction) => this.headers(direction));
    this.reads.push({ property: path.join("."), value: value ? Buffer.from(value).toString("latin1") : null });
    return value;
  }

  setProperty(path: string[], value: Uint8Array): void {
    this.info.filterState.set(filterStateKey(path), value.slice());
  }

  trailers(): undefined {
    return undefined;
  }
  body(): undefined {
    return undefined;
  }
  setBody(): void {}
  sendLocalReply(reply: LocalReply): void {
    this.localReply = reply;
  }
  continueStream(): void {}
  closeStream(): void {}
  clearRouteCache(): void {
    this.info.clearRoute();
  }
}
