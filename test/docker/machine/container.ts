/** A container with an address of its own, and what may happen to it. */
import {
  GenericContainer,
  getContainerRuntimeClient,
  type StartedTestContainer,
  type WaitStrategy,
} from "testcontainers";
import { LABEL, NETWORK } from "./names.js";

type Handle = ReturnType<Awaited<ReturnType<typeof getContainerRuntimeClient>>["container"]["getById"]>;

export interface ContainerOptions {
  image: string;
  command: string[];
  /** On the network of the tests; without it, the container has the network that `network` names. */
  address?: string;
  network?: string;
  environment?: Record<string, string>;
  /** Files and folders of this machine. */
  mounts?: { source: string; target: string }[];
  user?: string;
  capabilities?: string[];
  /** Ports that this machine gets too, each on a free port of its own. */
  ports?: number[];
  /** When it counts as started: without, as soon as its process runs. */
  wait?: WaitStrategy;
}

/** A file or folder of this machine, at the same path in the container. */
export const samePath = (path: string) => ({ source: path, target: path });

/** testcontainers has no way to say an address. */
class AtAddress extends GenericContainer {
  at(address: string): this {
    this.createOpts.NetworkingConfig = { EndpointsConfig: { [NETWORK]: { IPAMConfig: { IPv4Address: address } } } };
    return this;
  }
}

export class Container {
  #log = "";

  private constructor(
    readonly options: ContainerOptions,
    private readonly started: StartedTestContainer,
    private readonly handle: Handle,
  ) {}

  static async start(options: ContainerOptions): Promise<Container> {
    const { image, command, address, network = NETWORK, mounts = [], ports = [] } = options;
    let log = (text: string) => {
      early += text;
    };
    let early = "";
    const container = new AtAddress(image)
      .withNetworkMode(network)
      .withCommand(command)
      .withLabels({ [LABEL]: "" })
      .withEnvironment(options.environment ?? {})
      .withBindMounts(mounts)
      .withAddedCapabilities(...(options.capabilities ?? []))
      .withExposedPorts(...ports)
      .withAutoCleanup(false)
      .withLogConsumer((stream) => stream.on("data", (text) => log(`${text}`)));
    if (address !== undefined) container.at(address);
    if (options.user !== undefined) container.withUser(options.user);
    if (options.wait) container.withWaitStrategy(options.wait);
    const started = await container.start();
    const client = await getContainerRuntimeClient();
    const running = new Container(options, started, client.container.getById(started.getId()));
    running.#log = early;
    log = (text) => {
      running.#log += text;
    };
    return running;
  }

  /** What it wrote since it was started for the first time. */
  get log(): string {
    return this.#log;
  }

  get address(): string {
    const { address } = this.options;
    if (address === undefined) throw new Error("a container without an address on the network of the tests");
    return address;
  }

  /** Where this machine has one of the container's `ports`. */
  mapped(port: number): { host: string; port: number } {
    return { host: this.started.getHost(), port: this.started.getMappedPort(port) };
  }

  /** Freezes its processes; their connections stay. */
  pause = () => this.handle.pause();
  unpause = () => this.handle.unpause();
  kill = (signal: "SIGKILL" | "SIGTERM" | "SIGUSR1" = "SIGKILL") => this.handle.kill({ signal });
  /** SIGTERM, and SIGKILL where that is not enough. */
  stop = (patienceSeconds: number) => this.handle.stop({ t: patienceSeconds });
  /** After `kill` or `stop`. */
  startAgain = () => this.handle.start();

  async disconnect(): Promise<void> {
    const { network } = await getContainerRuntimeClient();
    await network.getById(NETWORK).disconnect({ Container: this.handle.id, Force: true });
  }

  async connect(): Promise<void> {
    const { network } = await getContainerRuntimeClient();
    await network.getById(NETWORK).connect({
      Container: this.handle.id,
      EndpointConfig: { IPAMConfig: { IPv4Address: this.address } },
    });
  }

  /** Resolves when its process has ended, to its status. */
  async ended(): Promise<number> {
    return (await this.handle.wait()).StatusCode;
  }

  async remove(): Promise<void> {
    await this.handle.remove({ force: true, v: true }).catch((error: { statusCode?: number }) => {
      // Already gone, or going.
      if (error.statusCode !== 404 && error.statusCode !== 409) throw error;
    });
  }

  /** The bytes of memory that it uses, without those of files that the system could drop (as `docker stats` counts). */
  async memory(): Promise<number> {
    const { memory_stats } = await this.handle.stats({ stream: false });
    // The first of version 1 of control groups, the second of version 2.
    const files = memory_stats.stats.total_inactive_file ?? memory_stats.stats.inactive_file;
    return memory_stats.usage - files;
  }

  /** Everything that it wrote, once it has ended. */
  async wholeLog(): Promise<string> {
    return plainText((await this.handle.logs({ stdout: true, stderr: true })) as unknown as Buffer);
  }
}

/** Docker's framing of stdout and stderr: 8 bytes (stream, 0, 0, 0, length) before each piece. */
function plainText(frames: Buffer): string {
  let text = "";
  for (let at = 0; at + 8 <= frames.length; ) {
    const end = at + 8 + frames.readUInt32BE(at + 4);
    text += frames.toString("utf8", at + 8, end);
    at = end;
  }
  return text;
}
