/** What the page shows, as JSON. */
import type { RequestLogEntry } from "../proxy/request-log.js";
import { readVerdict } from "../testing/verdict.js";
import type { Crowd, Kind } from "./crowd.js";
import type { Fleet } from "./fleet.js";

export interface ServerRow {
  id: string;
  /** `ip:port`. */
  address: string;
  status: "up" | "draining" | "unhealthy" | "killed" | "paused";
  /** This process runs it: it can be killed and paused. */
  ours: boolean;
  /** The page's clients that it answered last. */
  sessions: number;
  /** Of those, how many have come from another server, and how many have gone, since the start. */
  came: number;
  left: number;
  inFlight: number;
  requests: number;
  /** Of the requests that servers answered, and what its weight asks for: 0 to 1. */
  share: number;
  fairShare: number;
}

/** One request that is over, as the filter itself tells of it. */
export interface Decision {
  number: number;
  time: number;
  client: string;
  request: string;
  status: number;
  rule: string;
  outcome: string;
  server: string;
}

export interface State {
  servers: ServerRow[];
  clients: Record<Kind, number>;
  failed: number;
  /** Those after the number that was asked for, oldest first. */
  decisions: Decision[];
  /** How many requests each rule decided with each outcome. */
  rules: { rule: string; outcome: string; count: number }[];
}

const KEPT = 200;

/** The last decisions, and their counts since the start. */
export class Decisions {
  #number = 0;
  readonly #last: Decision[] = [];
  readonly #counts = new Map<string, { rule: string; outcome: string; count: number }>();

  add({ time, client, method, path, status, server, upstream, verdict = "" }: RequestLogEntry): void {
    const { rule = "-", outcome = "-" } = readVerdict(verdict);
    const served = server ?? upstream ?? "-";
    const request = `${method} ${path}`.slice(0, 200);
    this.#last.push({ number: ++this.#number, time, client, request, status, rule, outcome, server: served });
    if (this.#last.length > KEPT) this.#last.shift();
    const key = `${rule} ${outcome}`;
    const count = this.#counts.get(key) ?? { rule, outcome, count: 0 };
    count.count++;
    this.#counts.set(key, count);
  }

  after(number: number): Decision[] {
    return this.#last.filter((decision) => decision.number > number);
  }

  counts(): State["rules"] {
    return [...this.#counts.values()].sort((a, b) => b.count - a.count);
  }
}

/** What each server does; `crowd` are the clients that visit them. */
export function serverRows(fleet: Fleet, crowd: Crowd | undefined): ServerRow[] {
  const hosts = [...fleet.hosts.values()];
  const total = hosts.reduce((sum, { host }) => sum + host.stats.rq_success.value, 0);
  return hosts.map(({ cluster, host }) => {
    const id = host.endpoint.hostname || host.address;
    const backend = fleet.backend(host.address);
    const draining = host.endpoint.healthStatus === "DRAINING" ? "draining" : "up";
    const weights = cluster.hosts.reduce((sum, { endpoint }) => sum + endpoint.weight, 0);
    return {
      id,
      address: host.address,
      status: backend?.condition ?? (draining === "up" && host.health === "unhealthy" ? "unhealthy" : draining),
      ours: backend !== undefined,
      sessions: crowd?.at(backend?.id ?? id) ?? 0,
      came: crowd?.came.get(id) ?? 0,
      left: crowd?.left.get(id) ?? 0,
      inFlight: host.stats.rq_active.value,
      requests: host.stats.rq_success.value,
      share: total === 0 ? 0 : host.stats.rq_success.value / total,
      fairShare: host.endpoint.weight / weights,
    };
  });
}
