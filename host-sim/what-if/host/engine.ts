import type { Jar } from "./jar.js";

/** What decides: the filter, in whichever host it runs. Streams are told apart by number, servers are indices of the plan's. */
export interface Engine {
  /** Gives it its first configuration, or another one from now on; throws UsageError with what it logs if it refuses. */
  configure(configuration: Uint8Array, now: number): void;
  /** When its timer is due, in seconds of the virtual clock; Infinity: it has none. */
  readonly nextTick: number;
  /** Runs the timer that is due. */
  tick(): void;
  /**
   * A request, up to the hand-off: afterwards `asked` holds `askedCount` servers, in the order in which
   * they shall be tried.
   */
  request(stream: number, visit: Visit): void;
  readonly asked: Int32Array;
  readonly askedCount: number;
  /** The response: `served` is a server, or -1 where Envoy answers in their stead; `asked` the first one asked for, or -1. */
  response(stream: number, visit: Visit, asked: number, served: number): void;
  /** What the filter counted, by the last part of the metric's name. */
  outcomes(): Record<string, number>;
  /** Bytes: of the filter's own memory, and of what it keeps in shared data. */
  memory(): { filter: number; shared: number };
}

/** What one request brings; kept, and filled for each. */
export interface Visit {
  /** Seconds of the virtual clock. */
  now: number;
  client: number;
  /** The client's IPv4 address. */
  address: number;
  /** The session's number, of which its id is made. */
  session: number;
  /** Whether the session goes on when its response comes: else nobody keeps its cookies. */
  keeps: boolean;
}

/** How clients and the application name sessions, and where clients keep cookies. */
export interface Surroundings {
  jar: Jar;
  session: { cookie: string } | { header: string } | undefined;
  /** `ip:port` of each server. */
  addresses: string[];
  handoff: { header: string; kind: "stateful_session" | "override_host" };
  /** Envoy's admin interface, if the policy asks it: the cluster that leads there, and its pages. */
  admin: { cluster: string; page(path: string): { status: number; body: string } } | undefined;
  seed: number;
  /** Tells the randomness of one Envoy from another's. */
  envoy: number;
}

/** The virtual clock's zero: 2026-01-01. */
export const EPOCH_SECONDS = 1767225600;

/**
 * When a timer of that period that is set now runs first, in milliseconds. Before the first request, at 0, it
 * runs three times at most: enough to ask for the servers and to follow the answer.
 */
export function firstTick(now: number, periodMs: number): number {
  return Math.max(Math.round(now * 1000) + periodMs, -2 * periodMs);
}
