import type { FilesDirectory } from "../../targets/files-directory.js";
import type { Container } from "../machine/container.js";

/** How a proxy sees a server of its pool. */
export type View = "up" | "draining" | "down";

/** A proxy in a container, in front of the pool. */
export abstract class SessionProxy {
  /** Where clients come in, on the container's address. */
  readonly port = PROXY_PORT;

  /** @param files what it reads; removed with it */
  protected constructor(
    readonly container: Container,
    protected readonly files: FilesDirectory,
  ) {}

  /** What the proxy itself says of the server. */
  abstract view(server: string): Promise<View>;
  /** Takes no new sessions to the server, and keeps those that it has; or ends that. */
  abstract drain(server: string, isDraining: boolean): Promise<void>;
  /** Ends in order: what is under way is finished, clients are told to go. Resolves when it has ended. */
  abstract retire(): Promise<void>;
  /** Resolves when it serves as it is meant to. */
  protected abstract ready(): Promise<void>;

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

/** Times and limits that every proxy is given alike, so that their figures can be compared. */
export const ALIKE = {
  connectTimeoutMs: 500,
  /** A server that has not answered in this time is given up, and another one is tried. */
  tryTimeoutMs: 1000,
  retries: 2,
  checkIntervalMs: 250,
  checkTimeoutMs: 500,
  checksToFall: 2,
  checksToRise: 1,
};

/** The response headers in which a proxy tells how often it retried, or how often it tried. */
export const RETRIES = "x-retries";
export const ATTEMPTS = "x-attempts";

export const PROXY_PORT = 10000;
