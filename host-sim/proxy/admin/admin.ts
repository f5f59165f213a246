import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { SocketAddress } from "../../envoy-config/index.js";
import { listen } from "../downstream/bind.js";
import { clustersPage } from "./clusters-page.js";
import { configDumpPage } from "./config-dump-page.js";
import type { AdminContext } from "./context.js";
import { type Page, text } from "./page.js";
import { prometheusPage } from "./prometheus-page.js";
import { statsPage } from "./stats-page.js";

type PageMaker = (query: URLSearchParams, context: AdminContext) => Page;

const PAGES: Record<string, PageMaker> = {
  "/ready": (_, context) => (context.isReady() ? text(200, "LIVE\n") : text(503, "INITIALIZING\n")),
  "/stats": statsPage,
  "/stats/prometheus": prometheusPage,
  "/clusters": (query, { clusters }) => clustersPage([...clusters.values()], query),
  "/config_dump": (query, { clusters }) => configDumpPage([...clusters.values()], query),
};

/** The admin listener, with the pages of Envoy's that the simulator has. */
export class Admin {
  readonly #server: Server;

  private constructor(context: AdminContext) {
    this.#server = createServer((request, response) => {
      if (context.morePages?.(request, response)) return;
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://admin");
      const maker = Object.hasOwn(PAGES, pathname) ? PAGES[pathname] : undefined;
      const { status, type, body } = maker?.(searchParams, context) ?? unknownPage();
      response.writeHead(status, {
        "content-type": type,
        "cache-control": "no-cache, max-age=0",
        "x-content-type-options": "nosniff",
        server: "envoy",
      });
      response.end(body);
    });
  }

  /** Rejects with PortTaken if the port is in use. */
  static async start(address: SocketAddress, context: AdminContext): Promise<Admin> {
    const admin = new Admin(context);
    await listen(admin.#server, address, "admin");
    return admin;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}

function unknownPage(): Page {
  const known = Object.keys(PAGES).map((path) => `  ${path}\n`);
  return text(404, `invalid path. admin commands are:\n${known.join("")}`);
}
