/** The live page at the simulator's admin address: `/limpet`, its files, its feed and its actions. */
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Document } from "yaml";
import { inProject } from "../../scripts/project.js";
import type { EchoBackend } from "../backends/echo.js";
import type { Method } from "../cli/check/method.js";
import type { HostPort } from "../cli/layout.js";
import type { RequestLogEntry } from "../proxy/request-log.js";
import { Comparison } from "./comparison.js";
import { Crowd, KINDS, type Kind, NO_CLIENTS } from "./crowd.js";
import { Fleet, Refusal } from "./fleet.js";
import { refusal, STRICT_HEADERS } from "./guard.js";
import { Decisions, type State, serverRows } from "./state.js";

export interface DashboardOptions {
  /** Where the page's clients go; without one it starts none. */
  listener?: HostPort;
  method: Method;
  /** The file that runs, and its name. */
  document: Document;
  file: string;
  lenient?: boolean;
  /** The servers that this process runs. */
  backends: EchoBackend[];
}

const FILES: Record<string, [file: string, type: string]> = {
  "/limpet": ["index.html", "text/html; charset=utf-8"],
  "/limpet/compare": ["compare.html", "text/html; charset=utf-8"],
  "/limpet/compare.js": ["compare.js", "text/javascript; charset=utf-8"],
  "/limpet/icon.svg": ["icon.svg", "image/svg+xml"],
  "/limpet/page.css": ["page.css", "text/css; charset=utf-8"],
  "/limpet/parts.js": ["parts.js", "text/javascript; charset=utf-8"],
  "/limpet/page.js": ["page.js", "text/javascript; charset=utf-8"],
};

export class Dashboard {
  readonly #decisions = new Decisions();
  readonly #crowd: Crowd | undefined;
  readonly #comparison = new Comparison();
  readonly fleet: Fleet;

  constructor({ listener, method, document, file, backends, lenient }: DashboardOptions) {
    this.fleet = new Fleet(document, file, backends, lenient);
    if (listener) this.#crowd = new Crowd(listener, method);
  }

  /** Takes note of a request that is over. */
  record(entry: RequestLogEntry): void {
    this.#decisions.add(entry);
  }

  /** Ends the page's clients, and what it compares. */
  async stop(): Promise<void> {
    this.#crowd?.stop();
    await this.#comparison.stop();
  }

  /** Answers what is below `/limpet`; false for anything else. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://admin");
    if (pathname !== "/limpet" && !pathname.startsWith("/limpet/")) return false;
    const send = (status: number, type: string, body: string | Buffer) => {
      response.writeHead(status, { ...STRICT_HEADERS, "content-type": type });
      response.end(body);
    };
    const text = (status: number, body: string) => send(status, "text/plain; charset=utf-8", `${body}\n`);
    const json = (value: unknown) => send(200, "application/json", JSON.stringify(value));
    const refused = refusal(request);
    if (refused !== undefined) {
      text(403, refused);
    } else if (request.method === "POST") {
      this.#act(pathname.slice("/limpet/".length), searchParams).then(
        (said) => text(200, said),
        (error: Error) => text(error instanceof Refusal ? 400 : 500, error.message),
      );
    } else if (pathname === "/limpet/state") {
      json(this.state(Number(searchParams.get("after")) || 0));
    } else if (pathname === "/limpet/compare/state") {
      json(this.#comparison.state);
    } else {
      const [file, type] = (Object.hasOwn(FILES, pathname) ? FILES[pathname] : undefined) ?? [];
      if (file === undefined || type === undefined) text(404, "expected /limpet");
      else send(200, type, readFileSync(inProject(`host-sim/dashboard/page/${file}`)));
    }
    return true;
  }

  /** Everything that the page shows; of the decisions those after that number. */
  state(after: number): State {
    return {
      servers: serverRows(this.fleet, this.#crowd),
      clients: this.#crowd?.count() ?? NO_CLIENTS,
      failed: this.#crowd?.failed ?? 0,
      decisions: this.#decisions.after(after),
      rules: this.#decisions.counts(),
    };
  }

  /** Does what a button says. Resolves with what to tell; rejects with a Refusal. */
  async #act(action: string, query: URLSearchParams): Promise<string> {
    const server = query.get("server") ?? "";
    if (action === "clients") {
      if (this.#crowd === undefined) throw new Refusal("the file has no listener of its own to send clients to");
      this.#crowd.start(...wanted(query));
      return "started";
    }
    if (action === "no-clients") {
      this.#crowd?.stop();
      return "Stopped all clients.";
    }
    if (action === "add") return this.fleet.add();
    if (!action.startsWith("compare/")) return this.fleet.act(action, server);
    const compared = action.slice("compare/".length);
    if (compared === "start") await this.#comparison.start();
    else if (compared === "stop") await this.#comparison.stop();
    else if (compared === "clients") this.#comparison.startClients(...wanted(query));
    else if (compared === "no-clients") this.#comparison.stopClients();
    else return this.#comparison.act(compared, server);
    return "done";
  }
}

/** The clients that a query asks for. */
function wanted(query: URLSearchParams): [kind: Kind, count: number] {
  const kind = query.get("kind") as Kind;
  const count = Number(query.get("count"));
  if (!KINDS.includes(kind)) throw new Refusal(`kind: expected ${KINDS.join(", ")}; got "${kind}"`);
  if (!Number.isInteger(count) || count < 1) {
    throw new Refusal(`count: expected a number above 0; got "${query.get("count")}"`);
  }
  return [kind, count];
}
