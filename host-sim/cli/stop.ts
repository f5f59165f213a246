/** Ctrl-C, or a polite kill. */

/**
 * Resolves at the first signal that asks us to end. Further ones change nothing: npm passes a
 * Ctrl-C on to a process which the terminal has told already.
 */
export function stopRequest(): Promise<"stopped"> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve("stopped"));
  });
}
