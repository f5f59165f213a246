import { join } from "node:path";
import { FILTER } from "../../scripts/build.js";
import { inProject } from "../../scripts/project.js";
import { clientAddress, containerAddress, GATEWAY } from "../docker/machine/addresses.js";
import { Container, samePath } from "../docker/machine/container.js";
import { ENVOY } from "../docker/machine/names.js";
import { Addresses } from "./docker/addresses.js";
import { Relay } from "./docker/relay.js";
import { adminPortOf, EnvoyAdmin } from "./envoy-admin.js";
import { FilesDirectory } from "./files-directory.js";
import { type Running, type StartOptions, StartRefused, type Target } from "./target.js";

const START_LIMIT_MS = 30_000;
/** As in `envoy/Dockerfile`. */
const WORKING_DIRECTORY = "/limpet";

/** Addresses of this worker: its group's members, in turn; the groups of the workers are those from 64 on. */
const GROUP = 64 + (Number(process.env.VITEST_POOL_ID ?? 0) % 64);
let member = 0;
function nextAddress(): string {
  member = (member % 250) + 1;
  return containerAddress(GROUP, member);
}

/** The real Envoy, as the image that `envoy/Dockerfile` makes, in a container of its own. */
export const docker: Target = {
  name: "docker",
  backendHost: GATEWAY,

  async available() {
    return process.env.LIMPET_NO_DOCKER;
  },

  async start({ config, files = {}, concurrency = 2 }: StartOptions): Promise<Running> {
    const addresses = new Addresses(GATEWAY);
    const adminPort = adminPortOf(config);
    const moved = Object.entries(files).map(([name, text]) => [name, addresses.moved(text)]);
    const directory = new FilesDirectory(Object.fromEntries(moved));
    const path = directory.replace("bootstrap.yaml", addresses.moved(config));
    const address = nextAddress();
    const container = await Container.start({
      image: ENVOY,
      address,
      mounts: [samePath(directory.path), ...otherFilters(config)],
      // The files are the test's, and Envoy writes its access logs there.
      user: `${process.getuid?.()}:${process.getgid?.()}`,
      environment: environment(),
      command: [
        ...["--disable-hot-restart", "--concurrency", `${concurrency}`, "--config-path", path],
        ...["--drain-time-s", "1", "--log-level", "warning"],
      ],
    });
    const relays = new Map<number, Promise<Relay>>();
    const relay = async (port: number) => {
      if (!relays.has(port)) relays.set(port, Relay.open(port, address, clientAddress));
      await relays.get(port);
      return port;
    };
    const stop = async () => {
      await Promise.all([...relays.values()].map(async (opened) => (await opened).close()));
      relays.clear();
      await container.remove();
      directory.remove();
    };

    const admin = new EnvoyAdmin(`${address}:${adminPort}`);
    const outcome = await Promise.race([container.ended(), admin.ready(START_LIMIT_MS)]);
    if (outcome !== "ready") {
      const log = await container.wholeLog();
      await stop();
      throw new StartRefused(outcome === "late" ? `Envoy (not ready in ${START_LIMIT_MS} ms)` : "Envoy", log);
    }
    await relay(adminPort);
    return {
      adminPort,
      log: () => container.log,
      listener: async (name) => relay(await admin.listenerPort(name)),
      replaceFile: (name, text) => void directory.replace(name, addresses.moved(text)),
      stop,
    };
  },
};

/** The image has the filter as it is shipped; another one that a scenario wants is put beside it. */
function otherFilters(config: string): { source: string; target: string }[] {
  const names = Array.from(config.matchAll(/filename: (\S+\.wasm)$/gm), ([, name]) => name!);
  const others = new Set(names.filter((name) => name !== FILTER));
  return Array.from(others, (name) => ({ source: inProject(name), target: join(WORKING_DIRECTORY, name) }));
}

/** What the filter may take from the environment, as a process of this machine would have it. */
function environment(): Record<string, string> {
  const names = Object.keys(process.env).filter((name) => name.startsWith("LIMPET_"));
  return Object.fromEntries(names.map((name) => [name, process.env[name]!]));
}
