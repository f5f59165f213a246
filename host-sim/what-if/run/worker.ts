/** A worker thread: runs the shards that it is sent, one after the other. */
import { readFileSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { UsageError } from "../../cli/usage-error.js";
import { bareHost } from "../host/bare-host.js";
import type { WorkerMessage } from "./run-plan.js";
import { runShard, type Shard } from "./shard.js";

const module = new WebAssembly.Module(readFileSync(workerData));
const tell = (message: WorkerMessage) => parentPort!.postMessage(message);

parentPort!.on("message", (shard: Shard) => {
  try {
    const progress = (requests: number) => tell({ kind: "progress", requests });
    tell({ kind: "done", counts: runShard(shard, (surroundings) => bareHost(module, surroundings), progress) });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    tell({ kind: "refused", message: `policy ${shard.policy.name}: ${error.message}` });
  }
});
