/** Where the project is, and small things that every script needs. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

/** The project's root: the nearest folder above this file, as source or compiled, with a package.json. */
export const ROOT = (() => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
})();

/** A path in the project, absolute. */
export const inProject = (...parts: string[]) => join(ROOT, ...parts);

/** An absolute path as a person would type it from here. */
export const displayPath = (path: string) => relative(process.cwd(), path) || ".";

/** A command of an installed package, by its JavaScript file, run by this Node.js. */
export const nodeCommand = (script: string, ...args: string[]): [string, ...string[]] => [
  process.execPath,
  inProject("node_modules", script),
  ...args,
];

/** One line that says what is being done; on stderr, since stdout may be someone's data. */
export function say(line: string): void {
  process.stderr.write(`limpet: ${line}\n`);
}

/** The newest modification time (ms) of the files below a path and of its folders; 0 if it is not there. */
export function newestChange(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.mtimeMs ?? 0;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newestChange(join(path, name))), stat.mtimeMs);
}

export interface Ran {
  status: number;
  /** stdout and stderr, as they came, without colours. */
  output: string;
}

export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  /** Where it runs, if not in the project's root. */
  folder?: string;
  /** Gets the output as it comes, with colours where our terminal has them. */
  show?: (text: string) => void;
}

/** Runs a command to its end; a command that cannot be started has status 127. */
export function run([command, ...args]: [string, ...string[]], options: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const colours = options.show && process.stdout.isTTY;
    const child = spawn(command, args, {
      cwd: options.folder ?? ROOT,
      env: { ...process.env, ...(colours ? { FORCE_COLOR: "1" } : {}), ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const take = (chunk: string) => {
      const plain = stripVTControlCharacters(chunk);
      output += plain;
      options.show?.(colours ? chunk : plain);
    };
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    child.on("error", (error) => resolve({ status: 127, output: error.message }));
    child.on("close", (status) => resolve({ status: status ?? 1, output }));
  });
}
