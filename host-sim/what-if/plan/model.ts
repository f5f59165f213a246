/** What a plan asks: clients, servers, what happens, and the policies that are compared. Times are virtual seconds. */
export interface Plan {
  title: string;
  /** What is drawn at random is drawn from this. */
  seed: number;
  /** How long it all takes. */
  duration: number;
  /** Envoys over which the clients are dealt, each with a state of its own. */
  envoys: number;
  /** How long a server takes for a response; 0: no two requests overlap. */
  serviceTime: number;
  loadBalancer: "ROUND_ROBIN" | "LEAST_REQUEST" | "RANDOM";
  /** Those at the start, then those that events add. */
  servers: PlannedServer[];
  clients: Population[];
  timeline: TimelineEvent[];
  policies: Policy[];
}

export interface PlannedServer {
  id: string;
  /** `ip:port`. */
  address: string;
  weight: number;
  /** There from the start. */
  initial: boolean;
}

export interface Population {
  name: string;
  count: number;
  requests: number;
  /** Exponent of a Zipf distribution of requests over clients; 0: all alike. */
  zipf: number;
  /** How many clients share an address. */
  perAddress: number;
  /** Seconds after which a client has another address; 0: never. */
  mobileEvery: number;
  /** Mean number of requests in a session; each new one begins with an empty cookie jar. 0: one session only. */
  sessionRequests: number;
  /** When it makes its requests, evenly spread. */
  from: number;
  to: number;
  /** How a session is named by the application, if at all. */
  session: { cookie: string } | { header: string } | undefined;
}

/** `servers` are indices into the plan's. */
export interface TimelineEvent {
  at: number;
  name: string;
  /** What becomes of servers, by index. */
  changes: { server: number; state?: ServerState; weight?: number }[];
}

export type ServerState = "up" | "dead" | "draining" | "absent";

/** One contender. */
export interface Policy {
  name: string;
  /** The filter's configuration, without servers. */
  configuration: Record<string, unknown>;
  /** Envoy tells the servers: the clusters asked and asked about, and where the ids stand if in metadata. */
  discovers?: { adminCluster: string; cluster: string; metadata?: { namespace: string; key: string } };
  /** Whether the plan's servers stand in it; a sealed cookie needs none. */
  listsServers: boolean;
}
