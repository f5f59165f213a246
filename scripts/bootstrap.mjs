#!/usr/bin/env node
// Makes a fresh clone run: installs the packages, compiles the TypeScript, then runs what was asked
// for in this same process. The only file that is not TypeScript, since it runs before anything is
// installed; it uses nothing but Node.
//
//   node scripts/bootstrap.mjs scripts/test.ts ARGS...   runs that file
//   node scripts/bootstrap.mjs ARGS...                   runs the command `limpet`
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const WANTED_NODE = [20, 19];

/** Runs a command with our terminal; ends the process if it fails. */
function run(what, command, args) {
  process.stderr.write(`limpet: ${what}\n`);
  const started = Date.now();
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (status !== 0) {
    process.stderr.write(`limpet: ${what}: failed${error ? ` (${error.message})` : ""}\n`);
    process.exit(1);
  }
  process.stderr.write(`limpet:   done in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

/** Whether node_modules holds what package-lock.json asks for (npm keeps a copy of what it installed); `dev`: all of it. */
function installed(dev) {
  const copy = join(root, "node_modules/.package-lock.json");
  if (!existsSync(copy)) return false;
  const have = JSON.parse(readFileSync(copy, "utf8")).packages;
  const want = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  return Object.entries(want).every(
    ([path, entry]) =>
      path === "" || (have[path] ? have[path].integrity === entry.integrity : entry.optional || (entry.dev && !dev)),
  );
}

/** The newest modification time (ms) of the TypeScript below a path, and of its folders. */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.name.endsWith(".ts"))
    .reduce((latest, entry) => Math.max(latest, newest(join(path, entry.name))), stat.mtimeMs);
}

const node = process.versions.node.split(".").map(Number);
if (node[0] < WANTED_NODE[0] || (node[0] === WANTED_NODE[0] && node[1] < WANTED_NODE[1])) {
  process.stderr.write(`limpet: needs Node.js ${WANTED_NODE.join(".")} or newer; this is ${process.versions.node}\n`);
  process.exit(1);
}

const [first, ...rest] = process.argv.slice(2);
const script = first?.endsWith(".ts") ? first : undefined;

// To run and to build takes less than half of the packages.
const dev = script !== undefined && !["scripts/build.ts", "scripts/install-tools.ts"].includes(script);
if (!installed(dev)) {
  run("installing the packages (npm ci)", "npm", ["ci", "--loglevel=error", ...(dev ? [] : ["--omit=dev"])]);
}

const sources = ["bench", "host-sim", "scripts", "test", "tsconfig.json", "tsconfig.build.json", "package-lock.json"];
const stamp = join(root, "dist/.built");
const sourcesTime = Math.max(...sources.map((path) => newest(join(root, path))));
if (!existsSync(stamp) || statSync(stamp).mtimeMs < sourcesTime) {
  run("compiling the TypeScript (tsc)", process.execPath, [
    join(root, "node_modules/typescript/bin/tsc"),
    "-p",
    "tsconfig.build.json",
  ]);
  writeFileSync(stamp, "");
  // As old as the sources that were compiled, so that an edit during the compilation is not missed.
  utimesSync(stamp, new Date(), new Date(Math.ceil(sourcesTime)));
}

const compiled = join(root, "dist", (script ?? "host-sim/cli.ts").replace(/\.ts$/, ".js"));
process.argv = [process.execPath, compiled, ...(script ? rest : process.argv.slice(2))];
await import(pathToFileURL(compiled).href);
