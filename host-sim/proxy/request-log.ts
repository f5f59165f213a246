import type { Stream } from "./stream/stream.js";
import { formatAddress } from "./stream/stream-info.js";

/** One request that is over, for a log line or a dashboard. */
export interface RequestLogEntry {
  /** When it began, in milliseconds since the epoch. */
  time: number;
  /** `ip:port` of the client. */
  client: string;
  /** `ip:port` of the other end of the connection; the client's own where no X-Forwarded-For is believed. */
  connection: string;
  method: string;
  path: string;
  /** 0 if the client left before there was one. */
  status: number;
  /** `ip:port` of the host that served, or was tried last. */
  upstream: string | undefined;
  /** `hostname` of that endpoint, if it has one. */
  server: string | undefined;
  attempts: number;
  durationMs: number;
  /** What the filter says about its choice: the property `limpet` that it has set. */
  verdict: string | undefined;
  responseFlags: string[];
}

/** The entry of a stream that is over. */
export function requestLogEntry({ requestHeaders, info }: Stream): RequestLogEntry {
  const verdict = info.filterState.get("wasm.limpet");
  return {
    time: Number(info.start / 1_000_000n),
    client: formatAddress(info.client),
    connection: formatAddress(info.connection.remote),
    method: requestHeaders.get(":method") ?? "",
    path: requestHeaders.get(":path") ?? "",
    status: info.responseCode,
    upstream: info.upstreamHost?.address,
    server: info.upstreamHost?.endpoint.hostname || undefined,
    attempts: info.attempts,
    durationMs: Number((info.end! - info.start) / 1_000n) / 1_000,
    verdict: verdict === undefined ? undefined : Buffer.from(verdict).toString(),
    responseFlags: [...info.responseFlags],
  };
}
