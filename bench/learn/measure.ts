/** The measurements: what a table of learned sessions takes, what it loses, and what it does under contention. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { randomFractions } from "../../scripts/random.js";
import { median } from "../statistics.js";
import { givenUp, overflow, SLOTS, sessionsAt } from "./overflow.js";
import { SERVERS, startWorkers, type Workers } from "./workers.js";

/** What the host needs for a bucket besides its bytes: docs/learned-sessions.md. */
const HOST_BYTES = 128;
/** The host's allocator rounds a bucket's bytes up to this. */
const BUCKET_BYTES = 2048;

export interface SizeFigures {
  sessions: number;
  /** Of Envoy's memory, as reckoned from the buckets there are. */
  bytes_a_session: number;
  /** Of the simulator's process, with what JavaScript adds to each bucket: heap and buffers after a garbage collection. null for a small table, less than what else changes there. */
  simulator_bytes_a_session: number | null;
  /** CPU time of a request that the table is asked for, beyond one that it is not. */
  lookup_ns: number;
  /** CPU time of a response that creates a session, beyond one that creates none. */
  learn_ns: number;
  /** Sessions that the table sent to another server than theirs, of those asked for. */
  wrong: number;
}

export interface FillFigures {
  fill: number;
  evicted_share: number;
  expected_share: number;
}

export interface ContentionFigures {
  buckets: number;
  /** Changes between whose readings and writings the seven other workers write. */
  changes: number;
  attempts_a_change: number;
  given_up_share: number;
  expected_share: number;
  /** Changes that neither arrived nor were counted as lost. */
  lost_uncounted: number;
}

const LEAST_WEIGHED = 100_000;

const server = (i: number) => i % SERVERS;
const name = (i: number) => `session-${i}`;

/** CPU time in ns that one call takes of what is done `times` times. */
function cpu(times: number, act: (i: number) => void): number {
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) act(i);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / times;
}

/** Of several turns, each beside one without the table's work, the median difference. */
function added(turns: number, times: number, act: (i: number) => void, without: (i: number) => void): number {
  const differences: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const from = turn * times;
    const base = cpu(times, (i) => without(from + i));
    differences.push(cpu(times, (i) => act(from + i)) - base);
  }
  return Math.round(median(differences));
}

/** A table filled to 90 % with so many sessions, and the worker that filled it. `turns` turns of `times` are timed. */
export async function measureSize(sessions: number, seed: number, turns: number, times: number) {
  const stage = await startWorkers(1, sessions, seed);
  const worker = stage.workers[0]!;
  // The compilers see every path before anything is timed.
  for (let i = 0; i < times; i++) {
    stage.passResponse(worker, name(i), 0);
    stage.passRequest(worker, name(i));
  }
  const before = memoryInUse();
  for (let i = 0; i < sessions; i++) stage.learn(worker, name(i), server(i));
  const reckoned = stage.data.buckets.length * (BUCKET_BYTES + HOST_BYTES);
  const { metric } = stage;
  const kept = metric("learned") - metric("evicted");
  const addedBytes = memoryInUse() - before;
  const random = randomFractions(seed);
  let wrong = 0;
  const lookup_ns = added(
    turns,
    times,
    () => {
      const i = Math.floor(random() * sessions);
      const asked = stage.ask(worker, name(i));
      if (asked >= 0 && asked !== server(i)) wrong++;
    },
    (i) => stage.passRequest(worker, name(i)),
  );
  // Into a full table, ids that it has not seen.
  const learn_ns = added(
    turns,
    times,
    (i) => stage.learn(worker, `new-${i}`, server(i)),
    (i) => stage.passResponse(worker, `new-${i}`, server(i)),
  );
  const figures: SizeFigures = {
    sessions,
    bytes_a_session: reckoned / kept,
    simulator_bytes_a_session: sessions < LEAST_WEIGHED ? null : addedBytes / kept,
    lookup_ns,
    learn_ns,
    wrong,
  };
  return figures;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes of heap and buffers that are in use. */
function memoryInUse(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Fills a table of so many buckets, and stops at each fill to see how many sessions lost their place. */
export async function measureFill(buckets: number, fills: number[], seed: number): Promise<FillFigures[]> {
  const stage = await startWorkers(1, Math.floor(buckets * SLOTS * 0.9), seed);
  const worker = stage.workers[0]!;
  let learned = 0;
  return fills.map((fill) => {
    for (const until = sessionsAt(fill, buckets); learned < until; learned++) {
      stage.learn(worker, name(learned), server(learned));
    }
    return { fill, evicted_share: stage.metric("evicted") / learned, expected_share: overflow(fill) };
  });
}

/**
 * Eight workers write: whenever the one whose turn it is has read a bucket, each of the others learns a
 * session before it writes. Nothing is evicted, so each session is in the end there or counted as lost.
 */
export async function measureContention(buckets: number, changes: number, seed: number): Promise<ContentionFigures> {
  const total = { changes: 0, readings: 0, givenUp: 0, uncounted: 0 };
  const room = sessionsAt(0.6, buckets);
  for (let round = 0; total.changes < changes; round++) {
    const stage = await startWorkers(8, Math.floor(buckets * SLOTS * 0.9), seed + round);
    contend(stage, room, changes, total);
  }
  return {
    buckets,
    changes: total.changes,
    attempts_a_change: total.readings / total.changes,
    given_up_share: total.givenUp / total.changes,
    expected_share: givenUp(buckets, 7),
    lost_uncounted: total.uncounted,
  };
}

/** Until the table has so many sessions, or enough changes have been seen. */
function contend(
  stage: Workers,
  room: number,
  changes: number,
  total: { changes: number; readings: number; givenUp: number; uncounted: number },
): void {
  const { workers, data } = stage;
  let learned = 0;
  const learn = (worker: number) => {
    const i = learned++;
    stage.learn(workers[worker]!, name(i), server(i));
  };
  for (let turn = 0; learned + 8 * workers.length < room && total.changes < changes; turn++) {
    const slow = turn % workers.length;
    data.meanwhile = () => {
      const meanwhile = data.meanwhile;
      data.meanwhile = undefined;
      total.readings++;
      for (let other = 0; other < workers.length; other++) if (other !== slow) learn(other);
      data.meanwhile = meanwhile;
    };
    learn(slow);
    total.changes++;
    data.meanwhile = undefined;
  }
  const lost = stage.metric("lost");
  let there = 0;
  for (let i = 0; i < learned; i++) if (stage.ask(workers[0]!, name(i)) === server(i)) there++;
  total.givenUp += lost;
  total.uncounted += learned - lost - there;
}
