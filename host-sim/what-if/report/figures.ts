import type { Plan } from "../plan/model.js";
import { phasesOf } from "../run/phases.js";
import type { PlanRun } from "../run/run-plan.js";
import { BUCKETS, type Counts, costQuantile } from "../run/tally.js";

/** What `--json` prints. All but `timing` is the same on every machine, and for any number of workers. */
export interface Figures {
  title: string;
  seed: number;
  requests: number;
  clients: number;
  envoys: number;
  duration_seconds: number;
  servers: string[];
  policies: PolicyFigures[];
  timing: {
    cpu_seconds: number;
    /** Whole requests with their responses, all policies together, a second of processor time. */
    decisions_per_second_per_core: number;
    /** A decision (the request, up to the hand-off), by policy; a sample. */
    decision_ns: { policy: string; p50: number; p99: number }[];
  };
}

export interface PolicyFigures {
  name: string;
  requests: number;
  sessions: number;
  unserved: number;
  /** The busiest server's requests beside its fair share: the mean over time, by requests, and the worst phase. */
  peak_to_mean: number;
  peak_to_mean_worst: number;
  moves: number;
  moves_needless: number;
  sessions_moved_needlessly: number;
  /** Of sessions that came again after a change: those that moved, and those that had to. */
  disruption: { moved: number; least: number };
  cookies: { name: string; set: number; set_cookie_bytes: number; cookie_bytes: number }[];
  /** Of all Envoys: the filter's own memory, and what it keeps in shared data (a learned table, a key). */
  memory: { filter_bytes: number; shared_bytes: number };
  outcomes: Record<string, number>;
  phases: PhaseFigures[];
  /** Requests by time and server. */
  series: number[][];
}

export interface PhaseFigures {
  name: string;
  from_seconds: number;
  to_seconds: number;
  requests: number;
  /** Each server's part of the requests. */
  share: number[];
  /** The part that each should have, by weight, among those that get new sessions. */
  fair_share: number[];
  peak_to_mean: number;
  /** Sessions from before that came again; the parts of them that moved, that had to, and that must for an even load. */
  carried: number;
  moved: number;
  least: number;
  least_for_balance: number;
}

export function figuresOf(plan: Plan, { counts, cpuSeconds }: PlanRun): Figures {
  const requests = counts.reduce((sum, of) => sum + of.requests, 0);
  return {
    title: plan.title,
    seed: plan.seed,
    requests: counts[0]!.requests,
    clients: plan.clients.reduce((sum, { count }) => sum + count, 0),
    envoys: plan.envoys,
    duration_seconds: plan.duration,
    servers: plan.servers.map(({ id }) => id),
    policies: counts.map((of, index) => policyFigures(plan, plan.policies[index]!.name, of)),
    timing: {
      cpu_seconds: round(cpuSeconds, 3),
      decisions_per_second_per_core: Math.round(requests / cpuSeconds),
      decision_ns: counts.map(({ costs }, index) => {
        return { policy: plan.policies[index]!.name, p50: costQuantile(costs, 0.5), p99: costQuantile(costs, 0.99) };
      }),
    },
  };
}

function policyFigures(plan: Plan, name: string, counts: Counts): PolicyFigures {
  const phases = phaseFigures(plan, counts);
  const served = phases.reduce((sum, phase) => sum + phase.requests, 0);
  const sum = (field: "carried" | "moved" | "forced") => counts.phases.reduce((all, phase) => all + phase[field], 0);
  const { requests, sessions, unserved, moves, outcomes } = counts;
  return {
    ...{ name, requests, sessions, unserved },
    peak_to_mean: round(
      phases.reduce((all, phase) => all + phase.peak_to_mean * phase.requests, 0) / Math.max(served, 1),
    ),
    peak_to_mean_worst: Math.max(...phases.map((phase) => phase.peak_to_mean)),
    moves,
    moves_needless: counts.needlessMoves,
    sessions_moved_needlessly: counts.sessionsMovedNeedlessly,
    disruption: { moved: part(sum("moved"), sum("carried")), least: part(sum("forced"), sum("carried")) },
    cookies: counts.cookies.map(({ name, set, setBytes, pairBytes }) => {
      return { name, set, set_cookie_bytes: part(setBytes, set), cookie_bytes: part(pairBytes, set) };
    }),
    memory: { filter_bytes: counts.filterBytes, shared_bytes: counts.sharedBytes },
    outcomes,
    phases,
    series: Array.from({ length: BUCKETS }, (_, bucket) => {
      return [...counts.series.subarray(bucket * plan.servers.length, (bucket + 1) * plan.servers.length)];
    }),
  };
}

function phaseFigures(plan: Plan, counts: Counts): PhaseFigures[] {
  const phases = phasesOf(plan);
  return phases.map((phase, index) => {
    const { served, carried, moved, forced } = counts.phases[index]!;
    const requests = served.reduce((a, b) => a + b, 0);
    const fair = fairShares(phase);
    const before = index === 0 ? fair : fairShares(phases[index - 1]!);
    return {
      name: phase.name,
      from_seconds: phase.from,
      to_seconds: phase.to,
      requests,
      share: [...served].map((count) => part(count, requests)),
      fair_share: fair.map((share) => round(share, 6)),
      // A draining server's sessions end; it has no share that it should have.
      peak_to_mean: round(
        Math.max(
          0,
          ...fair.map((share, server) => (share > 0 && requests > 0 ? served[server]! / requests / share : 0)),
        ),
      ),
      carried,
      moved: part(moved, carried),
      least: part(forced, carried),
      least_for_balance: round(
        fair.reduce((sum, share, server) => sum + Math.max(0, share - before[server]!), 0),
        4,
      ),
    };
  });
}

/** Each server's share by weight among those that get new sessions. */
function fairShares({ states, weights }: { states: string[]; weights: number[] }): number[] {
  const own = weights.map((weight, server) => (states[server] === "up" ? weight : 0));
  const sum = own.reduce((a, b) => a + b, 0);
  return own.map((weight) => (sum === 0 ? 0 : weight / sum));
}

const part = (some: number, all: number) => (all === 0 ? 0 : round(some / all, 4));

function round(value: number, digits = 3): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
