/** The images of the tests, made from this machine's programs and their libraries: no registry is asked. */
import { spawnSync } from "node:child_process";
import { cpSync, linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { GenericContainer } from "testcontainers";
import { FILTER } from "../../../scripts/build.js";
import { inProject, nodeCommand, run, say } from "../../../scripts/project.js";
import { demand } from "../../../scripts/tools/need.js";
import { STATE } from "./daemon.js";
import { ENVOY, ENVOY_BASE, PEERS } from "./names.js";

/** Builds the images; the daemon keeps what has not changed. */
export async function buildImages(): Promise<void> {
  const folder = mkdtempSync(join(STATE, "images-"));
  try {
    // Where one fails the other one still ends before its folder and the daemon go.
    const builds = await Promise.allSettled([buildEnvoy(join(folder, "envoy")), buildPeers(join(folder, "peers"))]);
    for (const build of builds) if (build.status === "rejected") throw build.reason;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function buildEnvoy(folder: string): Promise<void> {
  const official = process.env.LIMPET_ENVOY_IMAGE;
  if (official) say(`Envoy is ${official}`);
  else {
    addProgram(folder, await demand("envoy"));
    await build(folder, ENVOY_BASE);
  }
  // What .dockerignore leaves of the project: to look through all of it would take seconds.
  const context = `${folder}-context`;
  for (const path of ["envoy", FILTER]) cpSync(inProject(path), join(context, path), { recursive: true });
  await GenericContainer.fromDockerfile(context, "envoy/Dockerfile")
    .withBuildArgs({ ENVOY_IMAGE: official ?? ENVOY_BASE })
    .build(ENVOY, { deleteOnExit: false });
}

async function buildPeers(folder: string): Promise<void> {
  const programs = [process.execPath, await demand("haproxy"), await demand("redis"), await demand("webdis"), ip()];
  for (const program of programs) addProgram(folder, program);
  const tsc = nodeCommand("typescript/bin/tsc", "-p", "test/docker/backend", "--outDir", join(folder, "backend"));
  const { status, output } = await run(tsc);
  if (status !== 0) throw new Error(`the backend does not compile\n${output}`);
  writeFileSync(join(folder, "backend/package.json"), '{"type": "module"}');
  cpSync(inProject("node_modules/ws"), join(folder, "backend/node_modules/ws"), { recursive: true });
  await build(folder, PEERS);
}

/** The program that gives the machine's bridge further addresses. */
function ip(): string {
  const found = ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip"].find((path) => spawnSync(path, ["-V"]).status === 0);
  if (!found) throw new Error("the program ip is missing. To install it: sudo apt-get install iproute2");
  return found;
}

/** Puts a program into /bin of the image that the folder becomes, and its libraries where it looks for them. */
function addProgram(folder: string, program: string): void {
  place(realpathSync(program), join(folder, "bin", basename(program)));
  const { stdout, status } = spawnSync("ldd", [program], { encoding: "utf8" });
  // A program that is linked statically has none.
  if (status !== 0) return;
  for (const [path] of stdout.matchAll(/\/\S+/g)) place(realpathSync(path), join(folder, path));
}

function place(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    // Another file system, or not our file: a copy.
    cpSync(from, to);
  }
}

async function build(folder: string, image: string): Promise<void> {
  // Programs want a place for temporary files, whoever they run as.
  mkdirSync(join(folder, "tmp"), { mode: 0o1777, recursive: true });
  writeFileSync(join(folder, "Dockerfile"), "FROM scratch\nCOPY . /\nENV PATH=/bin\n");
  await GenericContainer.fromDockerfile(folder).build(image, { deleteOnExit: false });
}
