import { FIRST_STREAM } from "../host/bare-host.js";
import type { Engine, Surroundings, Visit } from "../host/engine.js";
import { Jar } from "../host/jar.js";
import type { Plan, Policy } from "../plan/model.js";
import { configurationBytes } from "../plan/policy.js";
import { Random } from "../random.js";
import { AdminPages } from "./admin-pages.js";
import { Cluster } from "./cluster.js";
import { InFlight } from "./in-flight.js";
import { phasesOf } from "./phases.js";
import { addCost, BUCKETS, type Counts, emptyCounts } from "./tally.js";
import { Visitors, visitorCount } from "./visitors.js";

/** One policy at one Envoy: what a worker does at a time. */
export interface Shard {
  plan: Plan;
  policy: Policy;
  envoy: number;
  /** How many requests of each population come to this Envoy. */
  requests: number[];
}

/** One decision in so many is timed. */
const SAMPLE = 64;
/** The filter is configured so many seconds before the first request: time to discover its servers. */
const HEAD_START = 720;
/** Tells generators apart. */
const BALANCING = 0x20000;

const NO_SERVER = -1;
// What is known of a client's session, in one number: the server plus 1 (0: none yet), whether it was moved
// needlessly, and the phase of its last request.
const SERVER_BITS = 0x7fff;
const MOVED = 0x8000;
const PHASE_SHIFT = 16;

/** Runs a shard to its end. `trace` is told every request: who was asked for first (or -1), and who served. */
export function runShard(
  { plan, policy, envoy, requests }: Shard,
  createEngine: (surroundings: Surroundings) => Engine,
  progress: (requests: number) => void = () => {},
  trace?: (asked: number, served: number) => void,
): Counts {
  const count = visitorCount(plan, envoy);
  const jar = new Jar(count);
  const visitors = new Visitors(plan, envoy, requests, jar);
  const cluster = new Cluster(plan, new Random(plan.seed, BALANCING + envoy));
  const servers = plan.servers.length;
  const pages = policy.discovers && new AdminPages(plan.servers, policy.discovers);
  const engine = createEngine({
    jar,
    session: plan.clients[0]!.session,
    addresses: plan.servers.map(({ address }) => address),
    handoff: handoffOf(policy),
    admin: pages && { cluster: policy.discovers!.adminCluster, page: (path) => pages.page(path) },
    seed: plan.seed,
    envoy,
  });
  const phases = phasesOf(plan);
  const counts = emptyCounts(phases.length, servers);
  const sessions = new Uint32Array(count);
  const inFlight = new InFlight();
  const visit: Visit = { now: 0, client: 0, address: 0, session: 0, keeps: true };
  const response: Visit = { now: 0, client: 0, address: 0, session: 0, keeps: true };
  const { asked } = engine;
  const bucketsPerSecond = BUCKETS / plan.duration;
  let configured = new Uint8Array(0);
  let phase = -1;
  let nextPhase = 0;
  let stream = FIRST_STREAM;
  let oldest = FIRST_STREAM;

  function configure(now: number): void {
    pages?.update(cluster.states, cluster.weights);
    const bytes = configurationBytes(policy, plan.servers, cluster.states, cluster.weights);
    if (Buffer.compare(bytes, configured) === 0) return;
    configured = bytes as Uint8Array<ArrayBuffer>;
    engine.configure(bytes, now);
  }

  function answer(until: number): void {
    while (inFlight.count > 0 && inFlight.first(0) <= until) {
      response.now = inFlight.first(0);
      response.client = inFlight.first(1);
      response.session = inFlight.first(2);
      response.address = inFlight.first(3);
      response.keeps = response.session === visitors.sessions[response.client];
      const served = inFlight.first(5);
      engine.response(oldest++, response, inFlight.first(4), served);
      cluster.ended(served);
      inFlight.removeFirst();
    }
  }

  /** Runs the filter's timer up to that time. */
  function tick(until: number): void {
    while (engine.nextTick <= until) {
      answer(engine.nextTick);
      engine.tick();
    }
  }

  function account(client: number, served: number): void {
    if (served < 0) {
      counts.unserved++;
      return;
    }
    const session = sessions[client]!;
    const before = (session & SERVER_BITS) - 1;
    let moved = session & MOVED;
    const ofPhase = counts.phases[phase]!;
    ofPhase.served[served]!++;
    counts.series[Math.floor(visit.now * bucketsPerSecond) * servers + served]!++;
    if (before < 0) counts.sessions++;
    else {
      const moves = before !== served;
      const forced = moves && !cluster.keeps(before);
      if (session >>> PHASE_SHIFT !== phase) {
        ofPhase.carried++;
        if (moves) ofPhase.moved++;
        if (forced) ofPhase.forced++;
      }
      if (moves) {
        counts.moves++;
        if (!forced) {
          counts.needlessMoves++;
          if (moved === 0) counts.sessionsMovedNeedlessly++;
          moved = MOVED;
        }
      }
    }
    sessions[client] = (phase << PHASE_SHIFT) | moved | (served + 1);
  }

  while (visitors.next(visit)) {
    while (nextPhase < phases.length && phases[nextPhase]!.from <= visit.now) {
      const { from, events } = phases[nextPhase]!;
      tick(from);
      answer(from);
      phase = nextPhase++;
      for (const event of events) cluster.apply(plan.timeline[event]!);
      configure(phase === 0 ? -HEAD_START : from);
    }
    if (engine.nextTick <= visit.now) tick(visit.now);
    if (inFlight.count > 0) answer(visit.now);
    const { client } = visit;
    if (counts.requests % SAMPLE === 0) {
      const start = performance.now();
      engine.request(stream, visit);
      addCost(counts.costs, performance.now() - start);
    } else {
      engine.request(stream, visit);
    }
    stream++;
    const first = engine.askedCount > 0 ? asked[0]! : NO_SERVER;
    const served = cluster.place(asked, engine.askedCount);
    trace?.(first, served);
    account(client, served);
    if (plan.serviceTime > 0) {
      inFlight.add(visit.now + plan.serviceTime, client, visit.session, visit.address, first, served);
    } else {
      engine.response(oldest++, visit, first, served);
      cluster.ended(served);
    }
    if (visitors.mayEnd(client)) sessions[client] = 0;
    counts.requests++;
    if ((counts.requests & 0xffff) === 0) progress(0x10000);
  }
  answer(Infinity);
  progress(counts.requests & 0xffff);
  const { filter, shared } = engine.memory();
  return { ...counts, cookies: jar.written(), outcomes: engine.outcomes(), filterBytes: filter, sharedBytes: shared };
}

function handoffOf({ configuration }: Policy): Surroundings["handoff"] {
  const handoff = (configuration.handoff ?? {}) as Record<string, { header?: string } | undefined>;
  const kind = handoff.override_host === undefined ? "stateful_session" : "override_host";
  return { kind, header: (handoff[kind]?.header ?? "x-limpet-upstream").toLowerCase() };
}
