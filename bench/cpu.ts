/** CPU time as the kernel accounts it, and where a process may run. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** The CPU time in ns that the processes' threads have had so far (Linux: /proc/PID/task/TID/schedstat). */
export function cpuOf(pids: number[]): number {
  let total = 0;
  for (const pid of pids) {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      total += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]);
    }
  }
  return total;
}

/** Keeps all threads of a process on one core. Throws where `taskset` cannot. */
export function pin(pid: number, core: number): void {
  const { status, stderr } = spawnSync("taskset", ["-a", "-c", "-p", `${core}`, `${pid}`], { encoding: "utf8" });
  if (status !== 0) throw new Error(`taskset: process ${pid} cannot be kept on core ${core}: ${stderr}`);
}

/** The resident memory of a process in bytes. */
export function residentMemory(pid: number): number {
  const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kib) * 1024;
}
