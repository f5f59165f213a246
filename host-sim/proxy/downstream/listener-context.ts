import type { Runtime } from "../runtime.js";
import type { Stream } from "../stream/stream.js";
import type { Worker } from "../worker.js";

/** What listeners share. */
export interface ListenerContext {
  readonly runtime: Runtime;
  readonly workers: readonly Worker[];
  /** Numbers the process's connections. */
  nextConnectionId(): number;
  /** A stream is over. */
  onStreamEnd(stream: Stream): void;
}
