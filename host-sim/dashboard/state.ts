/** What the page shows, as JSON. */
import type { RequestLogEntry } from "../proxy/request-log.js";
import type { Clusters } from "../proxy/upstream/clusters.js";
import { readVerdict } from "../testing/verdict.js";
import type { Kind } from "./crowd.js";

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

/** The hosts of all clusters, each address once. */
export function hostsOf(clusters: Clusters) {
  const all = [...clusters.values()].flatMap((cluster) => cluster.hosts.map((host) => ({ cluster, host })));
  return new Map(all.map((one) => [one.host.address, one]));
}
