/** What runs the file: the simulator in this process, or the real Envoy as a child. */
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { Dashboard, type DashboardOptions } from "../dashboard/dashboard.js";
import { EnvoyConfigError, loadBootstrap, ModuleError, PluginRefused, PortTaken, Simulator } from "../index.js";
import { expectAddress, type HostPort } from "./layout.js";
import { UsageError } from "./usage-error.js";

export interface Engine {
  name: string;
  /** The admin address has the live page, `/limpet`. */
  hasPage?: boolean;
  /** Resolves, with the reason, if it ends by itself. */
  ended: Promise<string>;
  stop(): Promise<void>;
}

export interface EngineFiles {
  /** The user's file: complaints are about its lines. */
  original: string;
  /** The file to run: the same on other ports. */
  adapted: string;
  admin?: HostPort;
  /** What the live page is about. */
  page: DashboardOptions;
}

/** Starts an engine; resolves once it serves, throws UsageError if it does not run the file. */
export type StartEngine = (files: EngineFiles) => Promise<Engine>;

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 3_000;

/** Starts the Envoy at `program`; its log is shown, and is part of the error where it does not run the file. */
export async function startEnvoy(program: string, files: EngineFiles): Promise<Engine> {
  const admin = expectAddress(files.admin, "admin", "it tells when Envoy is ready");
  const logging = ["--log-level", "error", "--component-log-level", "wasm:info", "--log-format", "[%l] %v"];
  logging.push("--file-flush-interval-msec", "50");
  const child = spawn(
    program,
    ["--disable-hot-restart", "--concurrency", "2", ...logging, "--config-path", files.adapted],
    {
      stdio: ["ignore", "inherit", "pipe"],
    },
  );
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (status, signal) => resolve(`Envoy ended by itself (${signal ?? `status ${status}`})`));
  });
  const stop = async () => {
    child.kill("SIGTERM");
    const slow = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
    await ended;
    clearTimeout(slow);
  };
  process.once("exit", () => child.kill("SIGKILL"));

  const outcome = await Promise.race([ended, ready(admin)]);
  if (outcome !== "ready") {
    await stop();
    throw new UsageError(`Envoy does not run this file: ${outcome}\n${log}`);
  }
  process.stderr.write(log);
  child.stderr.on("data", (text) => process.stderr.write(text));
  return { name: "Envoy 1.40", ended, stop };
}

async function ready({ host, port }: HostPort): Promise<string> {
  for (const start = Date.now(); Date.now() - start < START_LIMIT_MS; await sleep(20)) {
    const answer = await fetch(`http://${host}:${port}/ready`).catch(() => undefined);
    if (answer?.ok) return "ready";
  }
  return `it is not ready after ${START_LIMIT_MS / 1000} s`;
}

export interface SimulatorSettings {
  concurrency?: number;
  lenient?: boolean;
}

/** Starts the simulator in this process. */
export async function startSimulator(files: EngineFiles, { concurrency, lenient }: SimulatorSettings): Promise<Engine> {
  try {
    // First as the user wrote it: the places in complaints are the places in that file.
    loadBootstrap(files.original, { lenient });
    const dashboard = new Dashboard({ ...files.page, lenient });
    const simulator = await Simulator.start({
      bootstrap: { file: files.adapted, lenient },
      concurrency,
      adminPages: (request, response) => dashboard.handle(request, response),
      onRequest: (entry) => dashboard.record(entry),
      log: (level, component, message) => {
        if (level !== "trace" && level !== "debug") process.stderr.write(`[${level}] ${component}: ${message}\n`);
      },
    });
    dashboard.fleet.simulator = simulator;
    const stop = async () => {
      await dashboard.stop();
      await simulator.stop();
    };
    return { name: "the simulator", hasPage: true, ended: new Promise(() => {}), stop };
  } catch (error) {
    if (error instanceof PluginRefused) {
      throw new UsageError(`${files.original}: the filter "${error.plugin}" refuses its configuration, see above`);
    }
    const known = [EnvoyConfigError, ModuleError, PortTaken].some((kind) => error instanceof kind);
    if (known || (error as NodeJS.ErrnoException).code !== undefined) throw new UsageError((error as Error).message);
    throw error;
  }
}
