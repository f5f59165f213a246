/** Clients of a method, and how a session of theirs fares when servers or addresses change. */
import type { HeaderField, Plugin } from "../../../host-sim/wasm-host/index.js";
import { asStruct, type Configuration, startVm } from "../filter.js";
import { type Handoff, handoffOf, visit } from "../visit.js";

export interface Method {
  name: string;
  rules: unknown[];
  /** What the application gives each session, and the client brings back. */
  session?: (id: number) => { headers?: HeaderField[]; path?: string };
  /** What the application says in its answer; `learn` looks at it. */
  answer?: (id: number) => HeaderField[];
}

/** A server list of the servers 1 to `count`; `down` are in it, but get nothing. */
export function servers(count: number, down: number[] = []) {
  return Array.from({ length: count }, (_, i) => ({
    id: `S${i + 1}`,
    address: address(i),
    ...(down.includes(i + 1) ? { state: "down" } : {}),
  }));
}

const address = (server: number) => `10.0.0.${server + 1}:8080`;

/** A client: its address, and the cookies that it was given. */
interface Client {
  id: number;
  from: string;
  cookies: Map<string, string>;
}

/** One method with its clients, on one VM over all changes of its servers. */
export class Population {
  readonly clients: Client[];
  #plugin!: Plugin;
  #handoff!: Handoff;
  #count = 0;
  #down: number[] = [];
  /** Envoy's round robin, for sessions that the filter leaves to it. */
  #next = 0;
  /** Bytes of the last Set-Cookie that was written. */
  setCookieBytes = 0;
  /** Bytes that the proxy's cookies add to a request. */
  cookieBytes = 0;

  private constructor(
    readonly method: Method,
    clients: number,
    readonly vm: Awaited<ReturnType<typeof startVm>>,
    oneAddress: boolean,
  ) {
    this.clients = Array.from({ length: clients }, (_, id) => ({
      id,
      from: oneAddress ? "198.51.100.7:4000" : publicAddress(id),
      cookies: new Map(),
    }));
  }

  static async of(method: Method, clients: number, oneAddress = false): Promise<Population> {
    return new Population(method, clients, await startVm(), oneAddress);
  }

  /** The servers from now on, as a new configuration says it. */
  serve(count: number, down: number[] = []): void {
    const before = this.#plugin;
    const configuration: Configuration = { servers: servers(count, down), rules: this.method.rules };
    this.#plugin = this.vm.start(asStruct(configuration));
    this.#handoff = handoffOf(configuration);
    this.#count = count;
    this.#down = down;
    before?.stop();
  }

  /** Every client makes a request; which server it got. */
  visit(): string[] {
    return this.clients.map((client) => this.#visit(client));
  }

  #visit(client: Client): string {
    const { headers = [], path = "/" } = this.method.session?.(client.id) ?? {};
    const own = [...client.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const jar = own === "" ? [] : [["cookie", own] as HeaderField];
    const answer = this.method.answer?.(client.id) ?? [];
    const placed = { servedBy: this.#place(), headers: answer };
    const visited = visit(
      this.#plugin,
      { from: client.from, path, headers: [...headers, ...jar] },
      placed,
      this.#handoff,
    );
    for (const [name, value] of visited.response) {
      if (name !== "set-cookie" || answer.some((field) => field[1] === value)) continue;
      const [pair = ""] = value.split(";");
      client.cookies.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
      this.setCookieBytes = value.length;
      this.cookieBytes = pair.length;
    }
    return visited.servedBy ?? "nobody";
  }

  #place(): string {
    do this.#next = (this.#next + 1) % this.#count;
    while (this.#down.includes(this.#next + 1));
    return address(this.#next);
  }
}

/** Addresses of clients, spread as a hash spreads them, without two in one /24. */
export function publicAddress(id: number): string {
  const mixed = Math.imul(id + 1, 0x9e3779b1) >>> 0;
  return `${1 + ((mixed >>> 24) % 126)}.${(mixed >>> 16) & 255}.${id & 255}.${(mixed >>> 8) & 255}:40000`;
}
