import type { Server } from "node:http";
import type { SocketAddress } from "../../envoy-config/index.js";

/** An address that cannot be listened on. */
export class PortTaken extends Error {
  override readonly name = "PortTaken";

  constructor(
    readonly host: string,
    readonly port: number,
    /** The listener's name, or `admin`. */
    readonly listener: string,
    options?: ErrorOptions,
  ) {
    super(`${listener}: ${host}:${port} is taken by another process`, options);
  }
}

/** Listens; a port in use becomes PortTaken, other errors are the system's. */
export function listen(server: Server, { host, port }: SocketAddress, listener: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" ? new PortTaken(host, port, listener, { cause: error }) : error);
    };
    server.once("error", fail);
    server.listen(port, host, () => {
      server.off("error", fail);
      resolve();
    });
  });
}
