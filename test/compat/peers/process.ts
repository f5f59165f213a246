import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accepts, Child } from "../../../scripts/child.js";

const START_LIMIT_MS = 15_000;

/** The directory of one run: configuration, sockets, whatever the process writes. */
export function peerDirectory(): string {
  return mkdtempSync(join(tmpdir(), "limpet-peer-"));
}

/** A real nginx or HAProxy: ends with `stop`, and then takes its directory along. */
export class Peer {
  private constructor(
    readonly directory: string,
    private readonly child: Child,
  ) {}

  /**
   * Resolves once it accepts connections at the Unix socket.
   * @throws with its log if it does not come to that
   */
  static async start(directory: string, command: string, args: string[], socket: string): Promise<Peer> {
    const child = new Child(command, args, { cwd: directory });
    const peer = new Peer(directory, child);
    if (await child.becomes(() => accepts({ path: peer.socket(socket) }), START_LIMIT_MS)) return peer;
    await peer.stop();
    throw new Error(`${command} does not start:\n${child.log}`);
  }

  /** What it wrote to stdout and stderr so far. */
  get log(): string {
    return this.child.log;
  }

  /** Path of one of its Unix sockets. */
  socket(name: string): string {
    return join(this.directory, `${name}.sock`);
  }

  async stop(): Promise<void> {
    await this.child.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
