/** The same clients over several ways of persistence at once, each in a simulator of its own with an example's policy. */
import { readFileSync } from "node:fs";
import { type Document, isMap, isSeq } from "yaml";
import { inProject } from "../../scripts/project.js";
import { EchoBackend } from "../backends/echo.js";
import { movePorts } from "../cli/adapt.js";
import type { Method } from "../cli/check/method.js";
import { mapsUnder, parseFile, readLayout } from "../cli/layout.js";
import { parseBootstrap } from "../envoy-config/index.js";
import { Simulator } from "../simulator.js";
import { freePorts } from "../testing/ports.js";
import { Crowd, type Kind, NO_CLIENTS } from "./crowd.js";
import { Fleet, Refusal } from "./fleet.js";
import { type ServerRow, serverRows } from "./state.js";

const WAYS: { title: string; file: string; without?: true }[] = [
  { title: "No persistence: round robin", file: "envoy/cookie-insert.yaml", without: true },
  { title: "Cookie that the proxy inserts", file: "envoy/cookie-insert.yaml" },
  { title: "Application's cookie, learned", file: "envoy/nginx-sticky-learn.yaml" },
  { title: "Application's cookie, hashed", file: "envoy/app-cookie-hash.yaml" },
  { title: "Header of the client, hashed", file: "envoy/header-session.yaml" },
  { title: "Address of the client, hashed", file: "envoy/client-ip-hash.yaml" },
];

/** What every client brings: a header of its own, and on its first visit it asks the application for a cookie. */
const CLIENTS: Method = {
  title: "",
  remembers: false,
  values: [{ place: "header", name: "X-Client-Session", of: (index) => `session-${index}` }],
  byAddress: false,
  keeps: [],
  issued: [{ place: "cookie", name: "JSESSIONID" }],
  oneAtATime: false,
  cookies: { first: 0, moved: 0 },
};

export interface ComparedServer extends Pick<ServerRow, "id" | "status" | "sessions"> {
  /** Of the sessions, and what its weight among the living asks for: 0 to 1. */
  share: number;
  fairShare: number;
}

export interface WayRow {
  title: string;
  file: string;
  servers: ComparedServer[];
  /** The fullest server's share over its fair share; 1 is even. */
  fullest: number;
  /** Clients that have changed their server since the last thing that was done, and those that did not have to. */
  moved: number;
  needless: number;
  failed: number;
}

export interface ComparisonState {
  running: boolean;
  clients: Record<Kind, number>;
  /** What was done last. */
  since: string;
  ways: WayRow[];
}

interface Entrant {
  title: string;
  file: string;
  simulator: Simulator;
  fleet: Fleet;
  crowd: Crowd;
}

/** What takes a server from its sessions. */
const TAKING = ["kill", "remove"];

export class Comparison {
  #starting: Promise<Entrant[]> | undefined;
  #entrants: Entrant[] = [];
  #since = "the start";
  /** The server that the last action took. */
  #taken: string | undefined;

  /** Starts the simulators, if they do not run. */
  async start(): Promise<void> {
    this.#starting ??= Promise.all(WAYS.map(enter));
    this.#entrants = await this.#starting;
  }

  async stop(): Promise<void> {
    const entrants = await this.#starting;
    this.#starting = undefined;
    this.#entrants = [];
    for (const { simulator, fleet, crowd } of entrants ?? []) {
      crowd.stop();
      await simulator.stop();
      await Promise.all(fleet.backends.map((backend) => backend.kill()));
    }
  }

  /** As many clients in front of each. */
  startClients(kind: Kind, count: number): void {
    if (this.#entrants.length === 0) throw new Refusal("the comparison does not run");
    for (const { crowd } of this.#entrants) crowd.start(kind, count);
  }

  stopClients(): void {
    for (const { crowd } of this.#entrants) crowd.stop();
  }

  /** Does it to the server of that name everywhere, or adds one everywhere. Returns what to tell; throws Refusal. */
  async act(action: string, id: string): Promise<string> {
    if (this.#entrants.length === 0) throw new Refusal("the comparison does not run");
    const deeds = this.#entrants.map(({ fleet }) => () => {
      if (action === "add") return fleet.add();
      const address = [...fleet.hosts.values()].find(({ host }) => host.endpoint.hostname === id)?.host.address;
      return fleet.act(action, address ?? id);
    });
    for (const { crowd } of this.#entrants) crowd.mark();
    this.#taken = TAKING.includes(action) ? id : undefined;
    const [said = ""] = await Promise.all(deeds.map((deed) => deed()));
    this.#since = said.replace(/[.:].*/, "");
    return `${this.#since}, in all of them.`;
  }

  get state(): ComparisonState {
    const clients = this.#entrants[0]?.crowd.count() ?? NO_CLIENTS;
    return { running: this.#entrants.length > 0, clients, since: this.#since, ways: this.#entrants.map(this.#row) };
  }

  readonly #row = ({ title, file, fleet, crowd }: Entrant): WayRow => {
    const rows = serverRows(fleet, crowd);
    const sessions = rows.reduce((sum, row) => sum + row.sessions, 0);
    const weights = rows.reduce((sum, { status, fairShare }) => sum + (status === "killed" ? 0 : fairShare), 0);
    const servers = rows.map(({ id, status, sessions: own, fairShare }) => ({
      id,
      status,
      sessions: own,
      share: sessions === 0 ? 0 : own / sessions,
      fairShare: status === "killed" ? 0 : fairShare / weights,
    }));
    const living = servers.filter(({ fairShare }) => fairShare > 0);
    const fullest = Math.max(0, ...living.map(({ share, fairShare }) => share / fairShare));
    const moved = crowd.moved();
    const needless = moved - (this.#taken === undefined ? 0 : crowd.moved(this.#taken));
    return { title, file, servers, fullest, moved, needless, failed: crowd.failed };
  };
}

async function enter({ title, file, without }: (typeof WAYS)[number]): Promise<Entrant> {
  const document = parseFile(readFileSync(inProject(file), "utf8"), file);
  document.delete("admin");
  if (without) takeOut(document);
  const layout = readLayout(document);
  const [port, ...backendPorts] = await freePorts(1 + layout.servers.length);
  movePorts(document, layout, { port, backendPorts });
  const servers = readLayout(document).servers;
  const backends = await Promise.all(servers.map(({ id, host, port }) => EchoBackend.start(id, host, port)));
  const simulator = await Simulator.start({
    bootstrap: parseBootstrap(document.toString({ lineWidth: 0 }), file),
    concurrency: 1,
    log: (level, component, message) => {
      if (level === "error" || level === "critical") process.stderr.write(`[${level}] ${component}: ${message}\n`);
    },
  });
  const fleet = new Fleet(document, file, backends);
  fleet.simulator = simulator;
  const crowd = new Crowd({ host: "127.0.0.1", port: port ?? 0 }, CLIENTS);
  return { title, file, simulator, fleet, crowd };
}

/** Leaves Envoy alone: of the HTTP filters the router only. */
function takeOut(document: Document): void {
  for (const manager of mapsUnder(document, "typed_config")) {
    const filters = manager.get("http_filters");
    if (!isSeq(filters)) continue;
    filters.items = filters.items.filter((item) => isMap(item) && item.get("name") === "envoy.filters.http.router");
  }
}
