import {
  type FilterAction,
  FilterTrapped,
  type PluginStream,
  type StreamDirection,
  type WasmVm,
} from "../../wasm-host/index.js";
import { attribute } from "../attributes/index.js";
import { StreamFilter } from "../stream/filter.js";
import type { Stream } from "../stream/stream.js";
import type { Clusters } from "../upstream/clusters.js";
import { Passage } from "./passage.js";
import type { PluginSlot, SlotState } from "./plugin-slot.js";
import { WasmStreamHost } from "./stream-host.js";

const FAILED = { status: 503, body: "", details: "wasm_fail_stream" };

/** One wasm filter in one stream (Envoy: `Wasm::Context` as an HTTP filter). */
export class WasmFilter extends StreamFilter {
  readonly #passages: Record<StreamDirection, Passage>;
  readonly #host: WasmStreamHost;
  #vm: WasmVm | undefined;
  /** Undefined before the request has reached this filter, and once its VM has failed. */
  #wasm: PluginStream | undefined;

  constructor(
    private readonly stream: Stream,
    private readonly slot: PluginSlot,
    clusters: Clusters,
  ) {
    super();
    const request = new Passage(
      { headers: (end) => this.next.decodeHeaders(end), data: (chunk, end) => this.next.decodeData(chunk, end) },
      stream.requestFlow,
      (size, end) => this.#call(this.#wasm?.wants.requestBody, (wasm) => wasm.onRequestBody(size, end)),
    );
    const response = new Passage(
      {
        headers: (end) => this.previous.encodeHeaders(end),
        data: (chunk, end) => this.previous.encodeData(chunk, end),
      },
      stream.responseFlow,
      (size, end) => this.#call(this.#wasm?.wants.responseBody, (wasm) => wasm.onResponseBody(size, end)),
    );
    this.#passages = { request, response };
    this.#host = new WasmStreamHost(
      stream,
      this.#passages,
      (path, headers) => attribute(path, { stream, clusters, plugin: slot.filter, headers }),
      () => this.#settle(),
    );
  }

  override decodeHeaders(end: boolean): void {
    this.#passages.request.stopAtHeaders(end);
    const state = this.slot.acquire();
    if (state instanceof Promise) state.then((reloaded) => this.stream.decoding && this.#begin(reloaded, end));
    else this.#begin(state, end);
  }

  #begin(state: SlotState, end: boolean): void {
    if (state === "closed") {
      this.stream.sendLocalReply(FAILED);
      return;
    }
    const action =
      state === "open"
        ? "continue"
        : this.#call(true, () => {
            this.#vm = state.vm;
            this.#wasm = state.plugin.createStream(this.#host);
            return this.#wasm.onRequestHeaders(end);
          });
    if (action === "continue") this.#passages.request.continue();
    this.#settle();
  }

  override decodeData(chunk: Buffer, end: boolean): void {
    this.#passages.request.data(chunk, end);
    this.#settle();
    if (this.#passages.request.overflows) {
      this.stream.sendLocalReply({ status: 413, body: "Payload Too Large", details: "request_payload_too_large" });
    }
  }

  override encodeHeaders(end: boolean): void {
    this.#passages.response.stopAtHeaders(end);
    const action = this.#call(this.#wasm !== undefined, (wasm) => wasm.onResponseHeaders(end));
    if (action === "continue") this.#passages.response.continue();
    this.#settle();
  }

  override encodeData(chunk: Buffer, end: boolean): void {
    this.#passages.response.data(chunk, end);
    this.#settle();
    if (this.#passages.response.overflows) {
      this.stream.sendLocalReply({
        status: 500,
        body: "Internal Server Error",
        details: "response_payload_too_large",
      });
    }
  }

  override onDestroy(): void {
    if (this.#wasm === undefined || this.#vm!.failed) return;
    this.#host.beginLog();
    try {
      this.#wasm.end();
    } catch (error) {
      ignoreTrap(error);
    }
  }

  /**
   * Calls the filter if it has that callback.
   * @returns undefined if the stream does not go on from here: the VM has failed, or the filter has answered
   */
  #call(wanted: boolean | undefined, callback: (wasm: PluginStream) => FilterAction): FilterAction | undefined {
    if (!wanted) return "continue";
    if (this.#vm?.failed) return this.#fail();
    try {
      const action = this.#host.inCallback(() => callback(this.#wasm!));
      return this.#endEarly() ? undefined : action;
    } catch (error) {
      ignoreTrap(error);
      return this.#fail();
    }
  }

  /** Carries out what the filter has asked for, after the callback in which it did. */
  #settle(): void {
    if (this.stream.ended || this.#endEarly()) return;
    for (const direction of this.#host.takeContinues()) this.#passages[direction].continue();
  }

  #endEarly(): boolean {
    const ending = this.#host.takeEnding();
    if (ending === undefined) return false;
    if (ending === "close") {
      this.stream.info.responseCodeDetails ||= "wasm_close_stream";
      this.stream.reset();
    } else this.stream.sendLocalReply({ ...ending, body: Buffer.from(ending.body) });
    return true;
  }

  /** Streams that were in the VM are refused under every policy; FAIL_OPEN is for those that come later. */
  #fail(): undefined {
    this.#wasm = undefined;
    this.stream.sendLocalReply(FAILED);
  }
}

/** A trap has been logged by the host and has failed the VM; anything else is a bug of the simulator. */
function ignoreTrap(error: unknown): void {
  if (!(error instanceof FilterTrapped)) throw error;
}
