/**
 * The Docker daemon of the tests: the one that already runs, or else, where we are root, a private one
 * that ends with the run. What a run that was killed left behind is taken over by the next one, and removed.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { say } from "../../../scripts/project.js";
import { need, ToolMissing } from "../../../scripts/tools/need.js";
import { BRIDGE } from "./names.js";

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 30_000;

/** One on a machine, so that the next run finds what was left of this one; it removes the folder at its end. */
export const STATE = join(tmpdir(), "limpet-docker");
const SOCKET = join(STATE, "docker.sock");
const PID_FILE = join(STATE, "dockerd.pid");
const OWNER_FILE = join(STATE, "owner.pid");
const LOG = join(STATE, "dockerd.log");

/** Addresses of the daemon's own bridge, which nobody here uses but which Docker insists on. */
const OWN_BRIDGE = "10.214.0.1/24";
const OWN_POOL = "base=10.214.128.0/17,size=24";

export interface Daemon {
  /** Ends what was started for the run; a daemon that ran before goes on. */
  stop(): Promise<void>;
}

/** @returns why there is none, where there is none */
export async function startDaemon(): Promise<Daemon | { missing: string }> {
  if (process.platform !== "linux")
    return { missing: "the tests speak with containers by their addresses: Linux only" };
  process.env.TESTCONTAINERS_RYUK_DISABLED = "true";
  // What a killed run has left comes first, or nobody would end it.
  if (!existsSync(PID_FILE) && (await runsAlready())) {
    takeOwnership();
    return { stop: async () => rmSync(STATE, { recursive: true, force: true }) };
  }
  if (process.getuid?.() !== 0) {
    return { missing: "no Docker daemon runs, and only root may start one. To start it: sudo systemctl start docker" };
  }
  const dockerd = await need("dockerd");
  if ("missing" in dockerd) return { missing: new ToolMissing(dockerd).message };
  return startPrivate(dockerd.path);
}

/** Whether there is a daemon where testcontainers looks for one. */
async function runsAlready(): Promise<boolean> {
  if (process.env.DOCKER_HOST) return true;
  const runtime = process.env.XDG_RUNTIME_DIR;
  const usual = ["/var/run/docker.sock", ...(runtime ? [join(runtime, "docker.sock")] : [])];
  return (await Promise.all(usual.map(answers))).includes(true);
}

async function startPrivate(dockerd: string): Promise<Daemon> {
  takeOwnership();
  process.once("exit", stopPrivate);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
  if (!(await answers(SOCKET))) {
    say("starting a Docker daemon of our own");
    const child = launch(dockerd);
    let ended = false;
    child.once("exit", () => {
      ended = true;
    });
    for (const start = Date.now(); !(await answers(SOCKET)); await delay(100)) {
      if (!ended && Date.now() - start < START_LIMIT_MS) continue;
      const log = readFileSync(LOG, "utf8").split("\n").slice(-10).join("\n");
      stopPrivate();
      throw new Error(`dockerd does not start:\n${log}`);
    }
    child.unref();
  }
  process.env.DOCKER_HOST = `unix://${SOCKET}`;
  process.env.TESTCONTAINERS_HOST_OVERRIDE = "127.0.0.1";
  return { stop: async () => stopPrivate() };
}

/** Without rules of its own for packets: containers speak on one bridge only, and the machine's stay as they are. */
function launch(dockerd: string): ChildProcess {
  const log = openSync(LOG, "w");
  const child = spawn(
    dockerd,
    [
      ...["--data-root", join(STATE, "data"), "--exec-root", join(STATE, "exec")],
      ...["--host", `unix://${SOCKET}`, "--pidfile", PID_FILE, "--bip", OWN_BRIDGE, "--default-address-pool", OWN_POOL],
      ...["--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false", "--dns", "127.0.0.1"],
      ...["--shutdown-timeout", "3"],
    ],
    // A process group of its own: a Ctrl-C is ours, and we end it in order.
    { stdio: ["ignore", log, log], detached: true },
  );
  closeSync(log);
  return child;
}

/** Without waiting for anything but the daemon's end, so that it can be done while this process ends. */
function stopPrivate(): void {
  if (!existsSync(STATE)) return;
  const pid = Number(existsSync(PID_FILE) && readFileSync(PID_FILE, "utf8"));
  if (pid > 0 && alive(pid)) {
    process.kill(pid, "SIGTERM");
    for (const start = Date.now(); alive(pid) && Date.now() - start < STOP_LIMIT_MS; ) pause(50);
    if (alive(pid)) throw new Error(`dockerd (process ${pid}) does not end; its log is ${LOG}`);
  }
  // The daemon leaves bridges to the next one.
  const bridge = spawnSync("ip", ["-o", "address", "show", "docker0"], { encoding: "utf8" });
  if (bridge.stdout?.includes(OWN_BRIDGE)) spawnSync("ip", ["link", "delete", "docker0"]);
  spawnSync("ip", ["link", "delete", BRIDGE]);
  // So it does with its network namespace, and after a SIGKILL with more.
  const mounts = readFileSync("/proc/self/mounts", "utf8").matchAll(/^\S+ (\S+)/gm);
  const ours = Array.from(mounts, ([, path]) => path!).filter((path) => path.startsWith(`${STATE}/`));
  for (const path of ours.reverse()) spawnSync("umount", ["--lazy", path]);
  rmSync(STATE, { recursive: true, force: true });
}

const pause = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

/** @throws where another run is under way */
function takeOwnership(): void {
  mkdirSync(STATE, { recursive: true });
  const owner = existsSync(OWNER_FILE) ? readFileSync(OWNER_FILE, "utf8") : "";
  const pid = Number.parseInt(owner, 10);
  if (pid > 0 && pid !== process.pid && alive(pid) && identity(pid) === owner) {
    throw new Error(`process ${pid} is running the Docker tests on this machine: one at a time`);
  }
  writeFileSync(OWNER_FILE, identity(process.pid));
}

/** A process by its number and the time of its start, since numbers come again. */
function identity(pid: number): string {
  const afterName = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!;
  return `${pid} ${afterName.split(" ")[19]}`;
}

function alive(pid: number): boolean {
  // A process that has ended and that nobody has asked about yet still takes signals.
  const status = `/proc/${pid}/status`;
  return existsSync(status) && !/^State:\s+Z/m.test(readFileSync(status, "utf8"));
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const ping = request({ socketPath, path: "/_ping" }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.once("error", () => resolve(false));
    ping.end();
  });
}
