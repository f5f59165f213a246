import type { WasmFilter } from "../../envoy-config/index.js";
import type { HeaderMap, StreamDirection } from "../../wasm-host/types.js";
import type { Stream } from "../stream/stream.js";
import type { Cluster } from "../upstream/cluster.js";

/** What an attribute is asked of. */
export interface AttributeContext {
  readonly stream: Pick<Stream, "info" | "route">;
  readonly clusters: { get(name: string): Pick<Cluster, "config"> | undefined };
  readonly plugin: WasmFilter;
  /** Headers as far as the filter may see them now. */
  headers(direction: StreamDirection): HeaderMap | undefined;
}

/** An attribute's bytes; undefined if the stream does not have it (yet). `rest`: the path below its name. */
export type Attribute = (context: AttributeContext, rest: readonly string[]) => Uint8Array | undefined;
