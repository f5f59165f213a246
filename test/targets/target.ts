/**
 * An engine that the scenarios run on. Only `start` differs between engines: a scenario gets a
 * `Running` and speaks bytes with it.
 */
export interface Target {
  readonly name: string;
  /** This machine, where the backends are, as the engine sees it. */
  readonly backendHost: string;
  /** Why this engine cannot run here, or undefined if it can. */
  available(): Promise<string | undefined>;
  /** Resolves once every listener accepts. @throws StartRefused with the engine's log. */
  start(options: StartOptions): Promise<Running>;
}

export interface StartOptions {
  /** An Envoy bootstrap as YAML; file names in it are relative to the repository's root. */
  config: string;
  /** Further files (a file of listeners, say) by name; the configuration finds them in `FILES`. */
  files?: Record<string, string>;
  /** Worker threads: 2 unless told. */
  concurrency?: number;
}

/** Stands in a configuration for the directory of `StartOptions.files`: `path: "{files}/lds.yaml"`. */
export const FILES = "{files}";

export interface Running {
  /** The port on which the named listener accepts. */
  listener(name: string): Promise<number>;
  readonly adminPort: number;
  /** What the engine, and the filter through it, logged so far. */
  log(): string;
  /** Replaces one of `StartOptions.files` at once (by renaming, which is what Envoy watches for). */
  replaceFile(name: string, text: string): void;
  /** Ends the engine and everything that it started. Safe to call twice. */
  stop(): Promise<void>;
}

/** The engine would not start with this configuration. */
export class StartRefused extends Error {
  constructor(
    target: string,
    /** Everything that the engine logged. */
    readonly log: string,
  ) {
    super(`${target} refused to start:\n${log}`);
    this.name = "StartRefused";
  }
}
