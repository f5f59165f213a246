import type { CookieCount } from "../host/jar.js";

/** The histogram's bins: eight to a doubling of nanoseconds. */
const BINS_PER_DOUBLING = 8;
const BINS = 32 * BINS_PER_DOUBLING;

/** What is counted at one Envoy, as plain data that a worker can send; all of it adds up. */
export interface Counts {
  requests: number;
  sessions: number;
  unserved: number;
  /** Requests served by another server than the session's one before, and those whose server before could still serve. */
  moves: number;
  needlessMoves: number;
  /** Sessions with at least one needless move. */
  sessionsMovedNeedlessly: number;
  phases: PhaseCounts[];
  /** Requests by time (so many buckets) and server. */
  series: Float64Array;
  cookies: CookieCount[];
  outcomes: Record<string, number>;
  filterBytes: number;
  sharedBytes: number;
  /** Costs of decisions in nanoseconds, by bin: a sample. */
  costs: Float64Array;
}

export interface PhaseCounts {
  /** Requests by server. */
  served: Float64Array;
  /** Sessions from before the phase that came again, those of them that moved, and had to. */
  carried: number;
  moved: number;
  forced: number;
}

/** Stretches of time in the plots. */
export const BUCKETS = 60;

export function emptyCounts(phases: number, servers: number): Counts {
  return {
    ...{ requests: 0, sessions: 0, unserved: 0, moves: 0, needlessMoves: 0, sessionsMovedNeedlessly: 0 },
    phases: Array.from({ length: phases }, () => ({
      served: new Float64Array(servers),
      carried: 0,
      moved: 0,
      forced: 0,
    })),
    series: new Float64Array(BUCKETS * servers),
    ...{ cookies: [], outcomes: {}, filterBytes: 0, sharedBytes: 0 },
    costs: new Float64Array(BINS),
  };
}

/** The sum; the order in which parts come does not matter, since all are whole numbers. */
export function addCounts(a: Counts, b: Counts): Counts {
  const add = (x: Float64Array, y: Float64Array) => x.map((value, index) => value + y[index]!);
  return {
    requests: a.requests + b.requests,
    sessions: a.sessions + b.sessions,
    unserved: a.unserved + b.unserved,
    moves: a.moves + b.moves,
    needlessMoves: a.needlessMoves + b.needlessMoves,
    sessionsMovedNeedlessly: a.sessionsMovedNeedlessly + b.sessionsMovedNeedlessly,
    phases: a.phases.map((phase, index) => {
      const other = b.phases[index]!;
      return {
        served: add(phase.served, other.served),
        carried: phase.carried + other.carried,
        moved: phase.moved + other.moved,
        forced: phase.forced + other.forced,
      };
    }),
    series: add(a.series, b.series),
    cookies: addCookies([...a.cookies, ...b.cookies]),
    outcomes: addOutcomes(a.outcomes, b.outcomes),
    filterBytes: a.filterBytes + b.filterBytes,
    sharedBytes: a.sharedBytes + b.sharedBytes,
    costs: add(a.costs, b.costs),
  };
}

function addCookies(all: CookieCount[]): CookieCount[] {
  const names = [...new Set(all.map(({ name }) => name))].sort();
  return names.map((name) => {
    const sum = { name, set: 0, setBytes: 0, pairBytes: 0 };
    for (const cookie of all.filter((cookie) => cookie.name === name)) {
      sum.set += cookie.set;
      sum.setBytes += cookie.setBytes;
      sum.pairBytes += cookie.pairBytes;
    }
    return sum;
  });
}

function addOutcomes(a: Record<string, number>, b: Record<string, number>): Record<string, number> {
  const words = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return Object.fromEntries(words.map((word) => [word, (a[word] ?? 0) + (b[word] ?? 0)]));
}

/** Counts one cost. */
export function addCost(costs: Float64Array, milliseconds: number): void {
  const nanoseconds = Math.max(1, milliseconds * 1e6);
  costs[Math.min(BINS - 1, Math.floor(Math.log2(nanoseconds) * BINS_PER_DOUBLING))]!++;
}

/** The cost in nanoseconds below which a part (0 to 1) of the decisions stays: the upper end of its bin. */
export function costQuantile(costs: Float64Array, part: number): number {
  const target = costs.reduce((sum, count) => sum + count, 0) * part;
  let sum = 0;
  for (const [bin, count] of costs.entries()) {
    sum += count;
    if (sum >= target && sum > 0) return Math.round(2 ** ((bin + 1) / BINS_PER_DOUBLING));
  }
  return 0;
}
