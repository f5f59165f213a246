import { setTimeout as delay } from "node:timers/promises";
import type { FilesDirectory } from "../../targets/files-directory.js";
import type { Container } from "../machine/container.js";

const VIEW_LIMIT_MS = 20_000;

/** How a proxy sees a server of its pool. */
export type View = "up" | "draining" | "down";

/** A proxy in a container, in front of the pool. */
export abstract class SessionProxy {
  /** Where clients come in, on the container's address. */
  readonly port = PROXY_PORT;

  /**
   * @param files what it reads; removed with it
   * @param times as it was configured
   */
  protected constructor(
    readonly container: Container,
    protected readonly files: FilesDirectory,
    private readonly times: Times,
  ) {}

  /** What the proxy itself says of the server. */
  abstract view(server: string): Promise<View>;
  /** Takes no new sessions to the server, and keeps those that it has; or ends that. */
  abstract drain(server: string, isDraining: boolean): Promise<void>;
  /** Ends in order: what is under way is finished, clients are told to go. Resolves when it has ended. */
  abstract retire(): Promise<void>;
  /** Resolves when it serves as it is meant to. */
  protected abstract ready(): Promise<void>;

  /** Waits until it has this view of the server. */
  async sees(server: string, view: View): Promise<void> {
    for (const start = Date.now(); Date.now() - start < VIEW_LIMIT_MS; await delay(20)) {
      if ((await this.view(server)) === view) return;
    }
    throw new Error(`a proxy does not come to see ${server} as ${view}`);
  }

  /** After the server has come back: waits until it is missed no more. */
  async takesBack(server: string): Promise<void> {
    // A check that was sent while it was away fails only now, and the server is down until the next one.
    await delay(this.times.checkTimeoutMs + this.times.checkIntervalMs);
    await this.sees(server, "up");
  }

  /** Starts it again after it has ended. */
  async startAgain(): Promise<void> {
    await this.container.startAgain();
    await this.ready();
  }

  async remove(): Promise<void> {
    await this.container.remove();
    this.files.remove();
  }
}

/** How long a proxy waits for a server, and how often it tries. */
export interface Times {
  connectTimeoutMs: number;
  /** A server that has not answered in this time is given up, and another one is tried. */
  tryTimeoutMs: number;
  retries: number;
  checkIntervalMs: number;
  checkTimeoutMs: number;
  checksToFall: number;
  checksToRise: number;
}

/** What every proxy is given alike, so that their figures can be compared. */
export const ALIKE: Times = {
  ...{ connectTimeoutMs: 500, tryTimeoutMs: 1000, retries: 2 },
  ...{ checkIntervalMs: 250, checkTimeoutMs: 500, checksToFall: 2, checksToRise: 1 },
};

/** The response headers in which a proxy tells how often it retried, or how often it tried. */
export const RETRIES = "x-retries";
export const ATTEMPTS = "x-attempts";

export const PROXY_PORT = 10000;
