import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { UsageError } from "../../cli/usage-error.js";
import { bareHost } from "../host/bare-host.js";
import type { Plan } from "../plan/model.js";
import { deal } from "./dealing.js";
import { runShard, type Shard } from "./shard.js";
import { addCounts, type Counts } from "./tally.js";

/** What a worker tells: requests done, a shard's counts, or why it cannot go on. */
export type WorkerMessage =
  | { kind: "progress"; requests: number }
  | { kind: "done"; counts: Counts }
  | { kind: "refused"; message: string };

export interface RunOptions {
  /** Worker threads; 0: all in this one. The figures do not depend on it. */
  workers: number;
  /** The filter's file. */
  filter: string;
  /** Told how many more requests are done. */
  progress?: (requests: number) => void;
}

/** What a run gave: one sum a policy, in the plan's order, and the processor time that it took. */
export interface PlanRun {
  counts: Counts[];
  cpuSeconds: number;
}

/** Runs a plan; throws UsageError where a policy is refused, or does what these runs do not play. */
export async function runPlan(plan: Plan, { workers, filter, progress = () => {} }: RunOptions): Promise<PlanRun> {
  const dealt = deal(plan);
  // One Envoy after the other with all policies: no policy alone has the busiest moments of a machine.
  const shards = Array.from({ length: plan.envoys }, (_, envoy) => {
    return plan.policies.map((policy): Shard => ({ plan, policy, envoy, requests: dealt.map((of) => of[envoy]!) }));
  }).flat();
  const before = process.cpuUsage();
  const results = workers === 0 ? runHere(shards, filter, progress) : await spread(shards, workers, filter, progress);
  const { user, system } = process.cpuUsage(before);
  const counts = plan.policies.map((_, index) => {
    return results.filter((_, shard) => shard % plan.policies.length === index).reduce(addCounts);
  });
  return { counts, cpuSeconds: (user + system) / 1e6 };
}

function runHere(shards: Shard[], filter: string, progress: (requests: number) => void): Counts[] {
  const module = new WebAssembly.Module(readFileSync(filter));
  return shards.map((shard) => runShard(shard, (surroundings) => bareHost(module, surroundings), progress));
}

/** Each worker takes the next shard when it is done with one; the results stand in the shards' order. */
async function spread(
  shards: Shard[],
  count: number,
  filter: string,
  progress: (requests: number) => void,
): Promise<Counts[]> {
  const results: Counts[] = [];
  let next = 0;
  const work = (worker: Worker) =>
    new Promise<void>((resolve, reject) => {
      let current = -1;
      const take = () => {
        if (next >= shards.length) return resolve();
        current = next++;
        worker.postMessage(shards[current]);
      };
      worker.on("message", (message: WorkerMessage) => {
        if (message.kind === "progress") return progress(message.requests);
        if (message.kind === "refused") return reject(new UsageError(message.message));
        results[current] = message.counts;
        take();
      });
      worker.on("error", reject);
      take();
    });
  const url = new URL("./worker.js", import.meta.url);
  const workers = Array.from({ length: Math.min(count, shards.length) }, () => new Worker(url, { workerData: filter }));
  try {
    await Promise.all(workers.map(work));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return results;
}
