import type { FilterAction } from "../../wasm-host/index.js";
import type { Flow } from "../stream/flow.js";

/** Envoy's `per_connection_buffer_limit_bytes`: so much of a body is kept for a filter. */
const BUFFER_LIMIT = 1024 * 1024;

/** Where a passage leads: the neighbour in that direction. */
export interface Beyond {
  headers(end: boolean): void;
  data(chunk: Buffer, end: boolean): void;
}

/**
 * One direction of a message through a wasm filter that may stop it. Stopped at the headers,
 * everything waits (Envoy: StopAllIterationAndWatermark); stopped in the body, the filter gets each
 * further chunk together with what it has kept (StopIterationAndBuffer).
 */
export class Passage {
  #stoppedAt: "headers" | "body" | undefined;
  #headersEnd = false;
  /** Came while the headers waited: the filter has not seen it. */
  #unseen: Buffer[] = [];
  #unseenEnd = false;
  #unseenBytes = 0;
  #holds = false;
  /** What the filter may read and replace: kept bytes and the chunk at hand. */
  #body: Buffer = Buffer.alloc(0);
  #bodyEnd = false;

  /** @param filterBody asks the filter about the body of that many bytes; undefined: it is in no state to say */
  constructor(
    private readonly beyond: Beyond,
    private readonly flow: Flow,
    private readonly filterBody: (size: number, end: boolean) => FilterAction | undefined,
  ) {}

  /** The filter may read and change the headers. */
  get headersOpen(): boolean {
    return this.#stoppedAt === "headers";
  }

  get body(): Buffer {
    return this.#body;
  }

  set body(bytes: Uint8Array) {
    this.#body = Buffer.from(bytes);
  }

  /** More is kept for the filter than the limit allows. */
  get overflows(): boolean {
    return this.#stoppedAt === "body" && this.#body.length > BUFFER_LIMIT;
  }

  /** The headers have come; `continue` lets them pass. */
  stopAtHeaders(end: boolean): void {
    this.#stoppedAt = "headers";
    this.#headersEnd = end;
  }

  /** Body bytes on their way in. */
  data(chunk: Buffer, end: boolean): void {
    if (this.#stoppedAt === "headers") this.#wait(chunk, end);
    else this.#filter(chunk, end);
  }

  /** Lets pass what waits; nothing if nothing does. */
  continue(): void {
    if (this.#stoppedAt === "headers") this.#continueHeaders();
    else if (this.#stoppedAt === "body") this.#passBody();
  }

  #continueHeaders(): void {
    this.#stoppedAt = undefined;
    this.beyond.headers(this.#headersEnd);
    const chunk = Buffer.concat(this.#unseen);
    this.#unseen = [];
    if (this.#holds) this.flow.release();
    this.#holds = false;
    if (chunk.length > 0 || this.#unseenEnd) this.#filter(chunk, this.#unseenEnd);
  }

  #wait(chunk: Buffer, end: boolean): void {
    this.#unseen.push(chunk);
    this.#unseenBytes += chunk.length;
    this.#unseenEnd = end;
    if (this.#unseenBytes <= BUFFER_LIMIT || this.#holds) return;
    this.#holds = true;
    this.flow.hold();
  }

  #filter(chunk: Buffer, end: boolean): void {
    this.#body = this.#body.length === 0 ? chunk : Buffer.concat([this.#body, chunk]);
    this.#bodyEnd = end;
    const action = this.filterBody(this.#body.length, end);
    if (action === "pause") this.#stoppedAt = "body";
    else if (action === "continue") this.#passBody();
  }

  #passBody(): void {
    const body = this.#body;
    this.#stoppedAt = undefined;
    this.#body = Buffer.alloc(0);
    this.beyond.data(body, this.#bodyEnd);
  }
}
