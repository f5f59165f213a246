import type { SelectedRoute } from "../routing/route-table.js";
import type { OverrideHost } from "../upstream/cluster.js";
import type { UpstreamHost } from "../upstream/host.js";
import type { ResponseFlag } from "./response-flags.js";

/** An address and a port of a TCP connection. */
export interface PeerAddress {
  ip: string;
  port: number;
}

/** `ip:port`, `[ip]:port` for IPv6. */
export function formatAddress({ ip, port }: PeerAddress): string {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** One downstream connection. */
export interface ConnectionInfo {
  /** Counts the process's connections. */
  readonly id: number;
  readonly remote: PeerAddress;
  readonly local: PeerAddress;
}

/** What is known of one stream: the source of properties, access logs and the request log. */
export class StreamInfo {
  readonly responseFlags = new Set<ResponseFlag>();
  /** Properties set by filters (`wasm.NAME`). */
  readonly filterState = new Map<string, Uint8Array>();
  protocol = "HTTP/1.1";
  requestId = "";
  /** The client's address after X-Forwarded-For has been looked at; equals the connection's otherwise. */
  client: PeerAddress;
  overrideHost: OverrideHost | undefined;
  upstreamHost: UpstreamHost | undefined;
  upstreamLocalAddress: string | undefined;
  /** Attempts made at an upstream. */
  attempts = 0;
  responseCode = 0;
  responseCodeDetails = "";
  requestBytes = 0;
  responseBytes = 0;
  requestHeaderBytes = 0;
  /** Nanoseconds since the epoch; undefined while it has not happened. */
  requestEnd: bigint | undefined;
  responseStart: bigint | undefined;
  end: bigint | undefined;

  #route: SelectedRoute | "unknown" | undefined = "unknown";

  constructor(
    readonly connection: ConnectionInfo,
    readonly start: bigint,
    private readonly selectRoute: () => SelectedRoute | undefined,
  ) {
    this.client = connection.remote;
  }

  /** Selected when it is first asked for; undefined if there is none. */
  get route(): SelectedRoute | undefined {
    if (this.#route === "unknown") this.#route = this.selectRoute();
    return this.#route;
  }

  clearRoute(): void {
    this.#route = "unknown";
  }
}
