/** Programs that tests and measurements start: each is ended by its pid, and none outlives this process. */
import { type ChildProcess, spawn } from "node:child_process";
import { connect, type NetConnectOpts } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

const STOP_LIMIT_MS = 5_000;

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
// Of a signal that ends it, say the test runner's to its workers, "exit" would not hear.
process.once("SIGTERM", () => process.exit(143));

export class Child {
  /** Resolves when it has ended and all that it wrote has been read. */
  readonly ended: Promise<void>;
  readonly #process: ChildProcess;
  #log = "";
  #hasEnded = false;

  /** A program that cannot be started ends at once; the log says why. */
  constructor(command: string, args: readonly string[], options: { cwd?: string } = {}) {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    running.add(child);
    const take = (text: string) => {
      this.#log += text;
    };
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    child.once("error", (error) => take(`${error}`));
    this.ended = new Promise((resolve) => {
      child.once("close", () => {
        this.#hasEnded = true;
        running.delete(child);
        resolve();
      });
    });
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  /** What it has written to stdout and stderr so far. */
  get log(): string {
    return this.#log;
  }

  /** Asks again and again; false if it ends, or is not ready, in that time. */
  async becomes(ready: () => Promise<boolean>, limitMs: number): Promise<boolean> {
    for (const start = Date.now(); Date.now() - start < limitMs && !this.#hasEnded; await delay(20)) {
      if (await ready()) return true;
    }
    return false;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Ends it in order, or, where that takes too long, at once. */
  async stop(): Promise<void> {
    this.signal("SIGTERM");
    const late = setTimeout(() => this.signal("SIGKILL"), STOP_LIMIT_MS);
    await this.ended;
    clearTimeout(late);
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.ended;
  }
}

/** Whether somebody accepts connections there. */
export function accepts(at: NetConnectOpts): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(at);
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
