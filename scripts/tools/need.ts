/** Finds a program, or installs it, or says why it is missing and what would install it. */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { say } from "../project.js";
import { TOOLS, type Tool, type ToolName } from "./table.js";

export type Found = { path: string } | Missing;

export interface Missing {
  missing: ToolName;
  reason: string;
  /** What a person types to install it. */
  command: string;
}

/** A program that is needed and missing. */
export class ToolMissing extends Error {
  constructor(readonly found: Missing) {
    super(`${TOOLS[found.missing].title} is missing: ${found.reason}. To install it: ${found.command}`);
  }
}

const running = new Map<ToolName, Promise<Found>>();

/** The program's path; installs it where this machine lets us, and says so. Asked again, it answers the same. */
export async function need(name: ToolName): Promise<Found> {
  if (process.env.LIMPET_QUICK) {
    return { missing: name, reason: "npm run test:quick does without it", command: TOOLS[name].install.command(name) };
  }
  let found = running.get(name);
  if (!found) {
    found = findOrInstall(name, TOOLS[name]);
    running.set(name, found);
  }
  return found;
}

/** As `need`, but throws ToolMissing. */
export async function demand(name: ToolName): Promise<string> {
  const found = await need(name);
  if ("missing" in found) throw new ToolMissing(found);
  return found.path;
}

/**
 * For tests: the program's path, or undefined where the tests that need it are to be skipped (the
 * reason has been said). With CI set nothing may be skipped: throws ToolMissing.
 */
export async function needForTests(name: ToolName): Promise<string | undefined> {
  const found = await need(name);
  if (!("missing" in found)) return found.path;
  const missing = new ToolMissing(found);
  if (process.env.CI) throw missing;
  say(`skipped: ${missing.message}`);
  return undefined;
}

/** Finds or installs what a row of the table describes; `name` is how the row is called. */
export async function findOrInstall(name: ToolName, tool: Tool): Promise<Found> {
  const missing = (reason: string): Found => ({ missing: name, reason, command: tool.install.command(name) });
  const override = tool.override === undefined ? undefined : process.env[tool.override];
  if (override) {
    if (accepted(tool, override)) return { path: override };
    return missing(`${tool.override} is ${override}, which does not run as ${tool.title}`);
  }
  const present = tool.install.installed() ?? onPath(tool);
  if (present) return { path: present };

  const obstacle = tool.install.obstacle();
  if (obstacle) return missing(obstacle);
  say(`installing ${tool.title}`);
  try {
    await tool.install.install(demand);
  } catch (error) {
    return missing((error as Error).message);
  }
  const path = tool.install.installed() ?? onPath(tool);
  return path ? { path } : missing(`it was installed, but there is still no usable ${tool.command}`);
}

function onPath(tool: Tool): string | undefined {
  const candidates = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, tool.command));
  return candidates.find((path) => executable(path) && accepted(tool, path));
}

function accepted(tool: Tool, path: string): boolean {
  if (tool.version === undefined) return true;
  const { stdout, stderr } = spawnSync(path, tool.version.args, { encoding: "utf8", timeout: 20_000 });
  return tool.version.pattern.test(`${stdout ?? ""}${stderr ?? ""}`);
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
