import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * A port of this machine that leads into a container, as Docker's own published ports do, but with a client's
 * address: a client from 127.0.0.7 comes from `source("127.0.0.7")`. What one side does, the other side sees: bytes, the
 * end of a direction, a reset.
 */
export class Relay {
  readonly #sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async open(port: number, host: string, source: (client: string) => string): Promise<Relay> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    const relay = new Relay(server);
    server.on("connection", (client) => {
      const localAddress = source(client.remoteAddress ?? "127.0.0.1");
      relay.#join(client, connect({ host, port, localAddress, allowHalfOpen: true, noDelay: true }));
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return relay;
  }

  #join(client: Socket, engine: Socket): void {
    for (const [from, to] of [
      [client, engine],
      [engine, client],
    ] as const) {
      this.#sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.resetAndDestroy());
      from.on("close", () => this.#sockets.delete(from));
    }
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
