/** One thing wrong in an Envoy configuration file, and where. */
export interface Problem {
  file: string;
  /** Both from 1. */
  line: number;
  column: number;
  /** The protobuf field, say `static_resources.listeners[0].name`; empty for the whole document. */
  path: string;
  /** What was expected and what was found. */
  message: string;
}

/** `file:line:column: path: message`, the form that editors and terminals can jump to. */
export function formatProblem({ file, line, column, path, message }: Problem): string {
  return `${file}:${line}:${column}: ${path === "" ? "" : `${path}: `}${message}`;
}

/** Everything that is wrong with a configuration file, in the file's order; the message has a line for each. */
export class EnvoyConfigError extends Error {
  override name = "EnvoyConfigError";

  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(formatProblem).join("\n"));
  }
}
