import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const START_LIMIT_MS = 15_000;
const STOP_LIMIT_MS = 5_000;

/** Processes that still run, so that none outlives the tests, even after a failure. */
const alive = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

/** The directory of one run: configuration, sockets, whatever the process writes. */
export function peerDirectory(): string {
  return mkdtempSync(join(tmpdir(), "limpet-peer-"));
}

/** A real nginx or HAProxy: ends with `stop`, and then takes its directory along. */
export class Peer {
  #log = "";
  readonly #child: ChildProcess;
  readonly #closed: Promise<void>;

  private constructor(
    readonly directory: string,
    command: string,
    args: string[],
  ) {
    this.#child = spawn(command, args, { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
    alive.add(this.#child);
    const take = (text: string) => {
      this.#log += text;
    };
    this.#child.stdout?.setEncoding("utf8").on("data", take);
    this.#child.stderr?.setEncoding("utf8").on("data", take);
    this.#child.once("error", (error) => take(`${error}`));
    this.#closed = new Promise((resolve) => this.#child.once("close", () => resolve()));
    void this.#closed.then(() => alive.delete(this.#child));
  }

  /**
   * Resolves once it accepts connections at the Unix socket.
   * @throws with its log if it does not come to that
   */
  static async start(directory: string, command: string, args: string[], socket: string): Promise<Peer> {
    const peer = new Peer(directory, command, args);
    let ended = false;
    void peer.#closed.then(() => {
      ended = true;
    });
    for (const start = Date.now(); Date.now() - start < START_LIMIT_MS && !ended; await delay(20)) {
      if (await accepts(peer.socket(socket))) return peer;
    }
    const log = peer.log;
    await peer.stop();
    throw new Error(`${command} does not start:\n${log}`);
  }

  /** What it wrote to stdout and stderr so far. */
  get log(): string {
    return this.#log;
  }

  /** Path of one of its Unix sockets. */
  socket(name: string): string {
    return join(this.directory, `${name}.sock`);
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    const slow = setTimeout(() => this.#child.kill("SIGKILL"), STOP_LIMIT_MS);
    await this.#closed;
    clearTimeout(slow);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
