/** Programs that the benchmarks start: ended by their pid, whatever happens. */
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { ROOT } from "../scripts/project.js";

const START_LIMIT_MS = 30_000;

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

export interface Program {
  pid: number;
  stop(): Promise<void>;
}

/** Starts a program and waits until `url` answers 200. Throws with what it printed if it does not. */
export async function start(command: string[], url: string): Promise<Program> {
  const child = spawn(command[0] ?? "", command.slice(1), { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  child.once("error", (error) => (output += error.message));
  closed.then(() => running.delete(child));
  const from = Date.now();
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.status === 200) break;
    if (!running.has(child) || Date.now() - from > START_LIMIT_MS) {
      child.kill("SIGKILL");
      throw new Error(`${command[0]} did not start\n${output.trim()}`);
    }
    await delay(50);
  }
  return {
    pid: child.pid as number,
    async stop() {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), 5000);
      await closed;
      clearTimeout(late);
    },
  };
}

/** As many free ports of the loopback address. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
