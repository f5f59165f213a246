import { type ChildProcess, spawn } from "node:child_process";
import { ROOT } from "../../scripts/project.js";
import { demand, need, ToolMissing } from "../../scripts/tools/need.js";
import { adminPortOf, EnvoyAdmin } from "./envoy-admin.js";
import { FilesDirectory } from "./files-directory.js";
import { type Running, type StartOptions, StartRefused, type Target } from "./target.js";

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 5_000;

/** Processes that still run, so that none outlives the tests, even after a failure. */
const alive = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});
// The test runner ends its workers with SIGTERM, of which "exit" would not hear.
process.once("SIGTERM", () => process.exit(143));

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
    const child = spawn(
      await demand("envoy"),
      [
        "--disable-hot-restart",
        "--concurrency",
        `${concurrency}`,
        "--config-path",
        path,
        "--drain-time-s",
        "1",
        "--log-level",
        "warning",
      ],
      { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] },
    );
    alive.add(child);
    let log = "";
    child.stdout.on("data", (text) => {
      log += text;
    });
    child.stderr.on("data", (text) => {
      log += text;
    });
    child.once("error", (error) => {
      log += `${error}`;
    });
    // "close" and not "exit": the log is complete then.
    const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
    closed.then(() => alive.delete(child));

    const stop = async () => {
      child.kill("SIGTERM");
      const slow = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
      await closed;
      clearTimeout(slow);
      directory.remove();
    };

    const ended = closed.then(() => "ended" as const);
    const outcome = await Promise.race([ended, admin.ready(START_LIMIT_MS)]);
    if (outcome !== "ready") {
      await stop();
      throw new StartRefused(outcome === "ended" ? "Envoy" : `Envoy (not ready in ${START_LIMIT_MS} ms)`, log);
    }
    return {
      adminPort,
      log: () => log,
      listener: (name) => admin.listenerPort(name),
      replaceFile: (name, text) => void directory.replace(name, text),
      stop,
    };
  },
};
