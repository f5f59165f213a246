import type { Stream } from "../stream/stream.js";

/** Where a session's upstream address travels between the client and this filter. */
export interface SessionState {
  /** The address `ip:port` that the request asks for. */
  read(stream: Stream): string | undefined;
  /** Tells the client of the host that has served, unless it is the one asked for. */
  write(stream: Stream, served: string, asked: string | undefined): void;
}
