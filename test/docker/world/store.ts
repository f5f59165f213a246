/** Redis, and webdis in front of it, in containers: where a fleet keeps what it has learned. */
import { setTimeout as delay } from "node:timers/promises";
import { formatKeys, newKey } from "../../../host-sim/tokens/keys.js";
import { FilesDirectory } from "../../targets/files-directory.js";
import { containerAddress } from "../machine/addresses.js";
import { Container, samePath } from "../machine/container.js";
import { PEERS } from "../machine/names.js";

export const STORE_PORT = 7379;
const READY_LIMIT_MS = 30_000;

export class Store {
  /** The keys of the fleet, which seal what is stored. */
  readonly keys = formatKeys([newKey("k1")]);

  private constructor(
    readonly redis: Container,
    private readonly webdis: Container,
    private readonly files: FilesDirectory,
  ) {}

  /** At the members 8 and 9 of the group. */
  static async start(group: number): Promise<Store> {
    const [redisAddress, address] = [containerAddress(group, 8), containerAddress(group, 9)];
    const command = ["redis-server", "--bind", redisAddress, "--protected-mode", "no", "--save", "", "--dir", "/tmp"];
    const redis = await Container.start({ image: PEERS, address: redisAddress, command });
    const config = {
      ...{ redis_host: redisAddress, redis_port: 6379, http_host: "0.0.0.0", http_port: STORE_PORT },
      ...{ threads: 2, pool_size: 4, daemonize: false, websockets: false, database: 0 },
      ...{ verbosity: 0, logfile: "/tmp/webdis.log" },
    };
    const files = new FilesDirectory({ "webdis.json": JSON.stringify(config) });
    const webdis = await Container.start({
      ...{ image: PEERS, address, mounts: [samePath(files.path)] },
      command: ["webdis", `${files.path}/webdis.json`],
    });
    const store = new Store(redis, webdis, files);
    for (const start = Date.now(); Date.now() - start < READY_LIMIT_MS; await delay(20)) {
      const answer = await fetch(`http://${address}:${STORE_PORT}/PING`).catch(() => undefined);
      if (answer?.ok) return store;
    }
    throw new Error(`the store is not ready:\n${redis.log}${webdis.log}`);
  }

  get address(): string {
    return this.webdis.address;
  }

  async remove(): Promise<void> {
    await Promise.all([this.redis.remove(), this.webdis.remove()]);
    this.files.remove();
  }
}
