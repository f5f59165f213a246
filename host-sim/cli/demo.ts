/** `npm start`: runs a file and shows what becomes of each request, or checks that its sessions stick. */
import pc from "picocolors";
import { ensureFilter } from "../../scripts/build.js";
import { inProject } from "../../scripts/project.js";
import { need, ToolMissing } from "../../scripts/tools/need.js";
import type { PortOverrides } from "./adapt.js";
import { report } from "./check/report.js";
import { check } from "./check/run.js";
import { type StartEngine, startEnvoy, startSimulator } from "./engine.js";
import { follow } from "./follow.js";
import { type Scene, startScene } from "./scene.js";
import { stopRequest } from "./stop.js";
import { UsageError } from "./usage-error.js";

export interface DemoOptions extends PortOverrides {
  /** On the real Envoy instead of the simulator. */
  envoy?: boolean;
  /** Prove stickiness and exit. */
  check?: boolean;
}

const DEFAULT_FILE = inProject("envoy/cookie-insert.yaml");

/** Runs the demo to its end. Returns the process's exit code; throws UsageError. */
export async function demo(file: string | undefined, options: DemoOptions): Promise<number> {
  const stopped = stopRequest();
  const scene = await Promise.race([stopped, prepare(file ?? DEFAULT_FILE, options)]);
  if (scene === "stopped") return 1;
  try {
    const result = options.check ? prove(scene) : serve(scene, stopped);
    const outcome = await Promise.race([stopped, scene.engine.ended, result]);
    if (typeof outcome === "number") return outcome;
    if (outcome === "stopped") return options.check ? 1 : 0;
    throw new UsageError(outcome);
  } finally {
    await scene.stop();
  }
}

async function prepare(file: string, options: DemoOptions): Promise<Scene> {
  await ensureFilter();
  return startScene(file, options.envoy ? await realEnvoy() : startSimulator, options);
}

async function realEnvoy(): Promise<StartEngine> {
  const found = await need("envoy");
  if ("missing" in found) throw new UsageError(new ToolMissing(found).message);
  return (files) => startEnvoy(found.path, files);
}

async function prove({ file, layout, method, backends, engine }: Scene): Promise<number> {
  console.log(`${pc.bold(file)} on ${engine.name}: 50 clients, 20 requests each, ${method.title}\n`);
  const rows = await check(layout.listener, backends, method);
  console.log(report(rows));
  return rows.every((row) => row.faults.length === 0) ? 0 : 1;
}

async function serve(scene: Scene, stopped: Promise<unknown>): Promise<number> {
  console.log(welcome(scene));
  const unfollow = follow(scene.requestLog, (lines) => process.stdout.write(lines));
  await stopped;
  unfollow();
  return 0;
}

function welcome({ file, layout: { listener, admin, servers }, engine, method }: Scene): string {
  const url = `http://${listener.host}:${listener.port}/`;
  const header = method.serverHeaders.map((name) => `curl -s -H "${name}: ${servers[0]?.id}" ${url}`);
  const tries = [
    `curl -i ${url}`,
    ...header,
    ...(method.writesCookie ? [`curl -s -c jar -b jar ${url}     # again and again: with a cookie jar`] : []),
    `curl -s http://${admin.host}:${admin.port}/stats | grep limpet`,
  ];
  const list = servers.map(({ id, port }) => `${id} on ${port}`).join(", ");
  return [
    `${pc.bold(file)} on ${engine.name}, with servers ${list}. Try:`,
    "",
    ...tries.map((line) => `  ${line}`),
    "",
    "Each request gets a line below; Ctrl-C ends everything.",
    "",
  ].join("\n");
}
