/** The commands: a file with the servers that it expects (`npm start`), and without them (`limpet sim`). */
import { colours } from "../../scripts/colours.js";
import { inProject } from "../../scripts/project.js";
import { need, ToolMissing } from "../../scripts/tools/need.js";
import type { PortOverrides } from "./adapt.js";
import { report } from "./check/report.js";
import { check } from "./check/run.js";
import { type SimulatorSettings, type StartEngine, startEnvoy, startSimulator } from "./engine.js";
import { follow } from "./follow.js";
import { expectAddress } from "./layout.js";
import { type Play, run } from "./run.js";
import { UsageError } from "./usage-error.js";
import { welcome } from "./welcome.js";

export interface DemoOptions extends PortOverrides {
  /** On the real Envoy instead of the simulator. */
  envoy?: boolean;
  /** Prove stickiness and exit. */
  check?: boolean;
}

export interface SimOptions extends SimulatorSettings, Pick<PortOverrides, "port" | "adminPort"> {
  /** No line a request. */
  quiet?: boolean;
}

const DEFAULT_FILE = inProject("envoy/cookie-insert.yaml");

/** Runs a file together with its servers, or checks it. */
export function demo(file = DEFAULT_FILE, { envoy, check, ...ports }: DemoOptions): Promise<number> {
  const prepare = async () => ({ startEngine: envoy ? await realEnvoy() : simulator({}), servers: true, ...ports });
  return run(file, prepare, check ? prove : show);
}

/** Runs a file in the simulator. */
export function sim(file: string, { quiet, port, adminPort, ...settings }: SimOptions): Promise<number> {
  const prepare = async () => ({ startEngine: simulator(settings), servers: false, port, adminPort });
  return run(file, prepare, quiet ? wait : show);
}

function simulator(settings: SimulatorSettings): StartEngine {
  return (files) => startSimulator(files, settings);
}

async function realEnvoy(): Promise<StartEngine> {
  const found = await need("envoy");
  if ("missing" in found) throw new UsageError(new ToolMissing(found).message);
  return (files) => startEnvoy(found.path, files);
}

const prove: Play = async ({ file, layout, method, backends, engine }, stopped) => {
  const listener = expectAddress(layout.listener, "static_resources.listeners[0]", "--check asks there");
  console.log(`${colours.bold(file)} on ${engine.name}: 50 clients, 20 requests each, ${method.title}\n`);
  const rows = await Promise.race([check(listener, backends, method), stopped]);
  if (!Array.isArray(rows)) return 1;
  console.log(report(rows));
  return rows.every((row) => row.faults.length === 0) ? 0 : 1;
};

const show: Play = async (scene, stopped) => {
  console.log(welcome(scene));
  const unfollow = follow(scene.requestLog, (lines) => process.stdout.write(lines));
  await stopped;
  unfollow();
  return 0;
};

const wait: Play = async (_, stopped) => {
  await stopped;
  return 0;
};
