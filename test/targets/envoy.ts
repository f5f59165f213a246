import { Child } from "../../scripts/child.js";
import { ROOT } from "../../scripts/project.js";
import { demand, need, ToolMissing } from "../../scripts/tools/need.js";
import { adminPortOf, EnvoyAdmin } from "./envoy-admin.js";
import { FilesDirectory } from "./files-directory.js";
import { type Running, type StartOptions, StartRefused, type Target } from "./target.js";

const START_LIMIT_MS = 30_000;

/** The real Envoy, as a process on this machine. */
export const envoy: Target = {
  name: "envoy",
  backendHost: "127.0.0.1",

  async available() {
    const found = await need("envoy");
    return "missing" in found ? new ToolMissing(found).message : undefined;
  },

  async start({ config, files, concurrency = 2 }: StartOptions): Promise<Running> {
    const directory = new FilesDirectory(files);
    const path = directory.replace("bootstrap.yaml", config);
    const adminPort = adminPortOf(config);
    const admin = new EnvoyAdmin(`127.0.0.1:${adminPort}`);
    const child = new Child(
      await demand("envoy"),
      [
        ...["--disable-hot-restart", "--concurrency", `${concurrency}`, "--config-path", path],
        ...["--drain-time-s", "1", "--log-level", "warning"],
      ],
      { cwd: ROOT },
    );
    const stop = async () => {
      await child.stop();
      directory.remove();
    };

    const ended = child.ended.then(() => "ended" as const);
    const outcome = await Promise.race([ended, admin.ready(START_LIMIT_MS)]);
    if (outcome !== "ready") {
      await stop();
      throw new StartRefused(outcome === "ended" ? "Envoy" : `Envoy (not ready in ${START_LIMIT_MS} ms)`, child.log);
    }
    return {
      adminPort,
      log: () => child.log,
      listener: (name) => admin.listenerPort(name),
      replaceFile: (name, text) => void directory.replace(name, text),
      stop,
    };
  },
};
