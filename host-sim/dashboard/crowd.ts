/** The clients that a person starts on the page: some arrive, come back again and again, and are moved or not. */
import { Client, type Habits } from "../cli/check/clients.js";
import type { Method } from "../cli/check/method.js";
import type { HostPort } from "../cli/layout.js";

/** `own`: an address each, with cookies. `nat`: one address for all; `bare` without cookies. `mobile`: another one each time. */
export const KINDS = ["own", "nat", "bare", "mobile"] as const;
export type Kind = (typeof KINDS)[number];
export const NO_CLIENTS: Readonly<Record<Kind, number>> = { own: 0, nat: 0, bare: 0, mobile: 0 };

export const MOST_CLIENTS = 500;
/** Pause of a client between an answer and its next request. */
const THINKS_MS = 1_000;
const NAT_ADDRESS = "127.1.0.1";

interface Member {
  kind: Kind;
  client: Client;
  timer?: NodeJS.Timeout;
  server?: string;
  /** The first server that it left since the mark. */
  movedFrom?: string;
}

export class Crowd {
  readonly #members = new Set<Member>();
  #next = 0;
  /** Clients that another server answered than the one before: by the server that they left. */
  readonly left = new Map<string, number>();
  /** By the server that they came to. */
  readonly came = new Map<string, number>();
  failed = 0;

  constructor(
    private readonly target: HostPort,
    private readonly method: Method,
  ) {}

  /** Starts so many clients, as far as there is room. */
  start(kind: Kind, count: number): void {
    for (let i = Math.min(count, MOST_CLIENTS - this.#members.size); i > 0; i--) {
      const index = this.#next++;
      const client = new Client(this.target, this.method, index, habitsOf(kind, index));
      const member: Member = { kind, client };
      this.#members.add(member);
      this.#schedule(member, Math.random() * THINKS_MS);
    }
  }

  stop(): void {
    for (const { client, timer } of this.#members) {
      clearTimeout(timer);
      client.close();
    }
    this.#members.clear();
  }

  /** The clients of each kind. */
  count(): Record<Kind, number> {
    const counts = { ...NO_CLIENTS };
    for (const { kind } of this.#members) counts[kind]++;
    return counts;
  }

  /** The clients whose last answer came from that server. */
  at(server: string): number {
    let count = 0;
    for (const member of this.#members) if (member.server === server) count++;
    return count;
  }

  /** From now on `moved` counts anew. */
  mark(): void {
    this.failed = 0;
    for (const member of this.#members) member.movedFrom = undefined;
  }

  /** The clients that have changed their server since the mark; if one is named, those whose first move was from there. */
  moved(from?: string): number {
    let count = 0;
    for (const { movedFrom } of this.#members) {
      if (from === undefined ? movedFrom !== undefined : movedFrom === from) count++;
    }
    return count;
  }

  #schedule(member: Member, delay: number): void {
    member.timer = setTimeout(() => this.#visit(member), delay);
  }

  async #visit(member: Member): Promise<void> {
    const { server } = await member.client.visit();
    if (!this.#members.has(member)) return;
    if (server === undefined) this.failed++;
    else if (member.server !== undefined && member.server !== server) {
      member.movedFrom ??= member.server;
      this.left.set(member.server, (this.left.get(member.server) ?? 0) + 1);
      this.came.set(server, (this.came.get(server) ?? 0) + 1);
    }
    member.server = server ?? member.server;
    this.#schedule(member, THINKS_MS * (0.75 + Math.random() / 2));
  }
}

/** Rules may look at no more than the /24: what differs, differs in the third octet. */
function habitsOf(kind: Kind, index: number): Habits {
  const cookies = kind !== "bare";
  if (kind === "nat" || kind === "bare") return { cookies, address: () => NAT_ADDRESS };
  const address = (number: number) => `127.${2 + ((number >> 8) % 250)}.${number & 255}.1`;
  if (kind === "own") return { cookies, address: () => address(index) };
  let visits = 0;
  return { cookies, address: () => address(index * 7_919 + visits++ * 257), moves: true };
}
