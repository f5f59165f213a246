/** Ports that are taken are said by number, with the option that moves them. */
import { createServer } from "node:net";
import type { HostPort } from "./layout.js";
import { UsageError } from "./usage-error.js";

/** Throws UsageError unless the address can be listened on now. */
export async function expectFree({ host, port }: HostPort, what: string, option: string): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port, exclusive: true }, resolve);
    });
  } catch (error) {
    throw portError(error, { host, port }, what, option);
  } finally {
    server.close();
  }
}

/** The system's error on listening, as a complaint that helps. */
export function portError(error: unknown, { host, port }: HostPort, what: string, option: string): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EADDRINUSE") {
    return new UsageError(`port ${port} (${what}) is taken by another program; use another one with ${option}`);
  }
  return new UsageError(`cannot listen on ${host}:${port} (${what}): ${message}; use another one with ${option}`);
}
