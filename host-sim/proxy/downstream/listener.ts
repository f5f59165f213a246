import { createServer, type IncomingMessage, type Server, ServerResponse } from "node:http";
import { type AddressInfo, Server as NetServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Listener as ListenerConfig } from "../../envoy-config/index.js";
import type { ConnectionInfo } from "../stream/stream-info.js";
import { listen } from "./bind.js";
import { codecStatus, isGone, refuse } from "./codec-errors.js";
import { Connection } from "./connection.js";
import { serve } from "./exchange.js";
import { DRAIN_TIME_MS, type FilterChain } from "./filter-chain.js";
import type { ListenerContext } from "./listener-context.js";
import { ListenerStats } from "./listener-stats.js";

/** A listening socket and its connections. Another filter chain can take over: old connections keep theirs. */
export class Listener {
  readonly #server: Server;
  readonly #sockets = new Map<Duplex, Connection>();
  #chain: FilterChain;
  #stats: ListenerStats;
  /** Chains that are used by old connections only, and when those are closed. */
  readonly #retired = new Map<FilterChain, NodeJS.Timeout>();
  #nextWorker = 0;

  private constructor(
    public config: ListenerConfig,
    chain: FilterChain,
    private readonly context: ListenerContext,
  ) {
    this.#chain = chain;
    this.#stats = new ListenerStats(context.runtime.stats, config);
    this.#server = createServer({
      maxHeaderSize: config.hcm.maxRequestHeadersKb * 1024,
      requireHostHeader: false,
      keepAliveTimeout: 0,
      headersTimeout: 0,
      requestTimeout: 0,
      noDelay: true,
    });
    this.#server.maxHeadersCount = 0;
    this.#server
      .on("connection", (socket) => this.#accept(socket))
      .on("request", (request, response) => this.#serve(request, response))
      .on("checkContinue", (request, response) => this.#serve(request, response))
      .on("upgrade", (request, socket, head) => this.#serveRaw(request, socket, head))
      .on("connect", (request, socket, head) => this.#serveRaw(request, socket, head))
      .on("clientError", (error, socket) => {
        if (isGone(error, socket)) socket.destroy();
        else this.#sockets.get(socket)?.codecError(() => refuse(socket, codecStatus(error), context.runtime));
      });
  }

  /** Binds; rejects with PortTaken, or the system's error. */
  static async start(config: ListenerConfig, chain: FilterChain, context: ListenerContext): Promise<Listener> {
    const listener = new Listener(config, chain, context);
    await listen(listener.#server, config.address, config.name);
    return listener;
  }

  /** The bound port, also where the file says 0. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get chain(): FilterChain {
    return this.#chain;
  }

  /** Connections accepted from now on get this chain; the old one is stopped once its last connection is closed. */
  replace(config: ListenerConfig, chain: FilterChain): void {
    const old = this.#chain;
    this.config = config;
    this.#chain = chain;
    this.#stats = new ListenerStats(this.context.runtime.stats, config);
    this.#retire(old);
  }

  /** Accepts no more; connections that are there go on with their filters, for a time. */
  drain(): void {
    // Not the HTTP server's own close, which ends idle connections.
    NetServer.prototype.close.call(this.#server);
    this.#retire(this.#chain);
  }

  /** Closes the socket and every connection, and ends the filters. */
  async stop(): Promise<void> {
    const chains = new Set([this.#chain, ...this.#retired.keys()]);
    for (const timer of this.#retired.values()) clearTimeout(timer);
    this.#retired.clear();
    const closed = [new Promise((resolve) => this.#server.close(resolve))];
    // A server counts as closed before its sockets do, whose streams have yet to end, and to be logged.
    for (const socket of this.#sockets.keys()) {
      closed.push(new Promise((resolve) => socket.once("close", resolve)));
      socket.destroy();
    }
    await Promise.all(closed);
    for (const chain of chains) chain.stop();
  }

  #accept(socket: Socket): void {
    const { workers } = this.context;
    const worker = workers[this.#nextWorker++ % workers.length]!;
    const info: ConnectionInfo = {
      id: this.context.nextConnectionId(),
      remote: { ip: plainAddress(socket.remoteAddress), port: socket.remotePort ?? 0 },
      local: { ip: plainAddress(socket.localAddress), port: socket.localPort ?? 0 },
    };
    const chain = this.#chain;
    const stats = this.#stats;
    const connection = new Connection(info, worker, chain, stats);
    this.#sockets.set(socket, connection);
    stats.connectionOpened();
    socket.on("close", () => {
      stats.connectionClosed();
      this.#sockets.delete(socket);
      connection.close();
      this.#stopUnused(chain);
    });
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#sockets.get(request.socket);
    connection?.inTurn(() => {
      if (request.headers.expect !== undefined) response.writeContinue();
      serve(request, response, connection, this.context);
    });
  }

  /** A request after which Node has given up parsing the connection: an upgrade, a CONNECT. */
  #serveRaw(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Node has taken its listeners off, too. What comes meanwhile is kept; a half-closed connection is a closed one.
    const bytes = [head];
    const keep = (chunk: Buffer) => bytes.push(chunk);
    socket.on("error", () => {});
    socket.on("end", () => socket.destroy());
    socket.on("data", keep);
    const connection = this.#sockets.get(socket);
    connection?.inTurn(() => {
      socket.off("data", keep);
      const response = new ServerResponse(request);
      response.assignSocket(socket as Socket);
      serve(request, response, connection, this.context, Buffer.concat(bytes));
    });
  }

  #retire(chain: FilterChain): void {
    chain.drain();
    const timer = setTimeout(() => {
      for (const [socket, connection] of this.#sockets) if (connection.chain === chain) socket.destroy();
    }, DRAIN_TIME_MS).unref();
    this.#retired.set(chain, timer);
    this.#stopUnused(chain);
  }

  #stopUnused(chain: FilterChain): void {
    const timer = this.#retired.get(chain);
    if (timer === undefined) return;
    for (const connection of this.#sockets.values()) if (connection.chain === chain) return;
    clearTimeout(timer);
    this.#retired.delete(chain);
    chain.stop();
  }
}

/** An IPv4 address that a dual-stack socket shows as IPv6, as IPv4. */
function plainAddress(address = ""): string {
  return address.replace(/^::ffff:/, "");
}
