/**
 * `npm start -- --check`: proves over real HTTP that sessions stick. 50 clients send 20 requests
 * each; after 8 one server is killed, after 16 it is back.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { EchoBackend } from "../../backends/echo.js";
import type { HostPort } from "../layout.js";
import { UsageError } from "../usage-error.js";
import { Client, type Visit } from "./clients.js";
import type { Method } from "./method.js";
import { assess, lastServers, type Phase, type Row } from "./verdict.js";

const CLIENTS = 50;
const REQUESTS = { allUp: 8, oneKilled: 8, back: 4 };
const RECOVERY_LIMIT_MS = 10_000;

/** Runs the check; a row's `faults` tell what did not hold. */
export async function check(listener: HostPort, backends: EchoBackend[], method: Method): Promise<Row[]> {
  if (backends.length < 2) throw new UsageError("--check: the file needs at least two servers on 127.0.0.1");
  const clients = Array.from({ length: CLIENTS }, (_, i) => new Client(listener, method, i));
  try {
    const first = await visits(clients, REQUESTS.allUp);
    const homes = first.map((visits) => visits[0]?.server);
    const rows = [assess("all servers up", first, { from: homes, moves: "none", cookiesEach: method.cookies.first })];

    const victim = busiest(backends, homes);
    const hit = (_: unknown, i: number) => homes[i] === victim.id;
    const spared = (_: unknown, i: number) => !hit(_, i);
    await victim.kill();
    const second = await visits(clients, REQUESTS.oneKilled);
    rows.push(
      assess(`${victim.id} killed: its clients`, second.filter(hit), {
        from: homes.filter(hit),
        moves: method.remembers ? "once" : "any",
        cookiesEach: method.cookies.moved,
      }),
      assess(`${victim.id} killed: the others`, second.filter(spared), {
        from: homes.filter(spared),
        moves: "none",
        cookiesEach: 0,
      }),
    );

    await victim.listen();
    // A remembered session stays where it is now; a computed one is where it was at first.
    const expected = method.remembers ? lastServers(second) : homes;
    if (!method.remembers) await served(clients.filter(hit), victim.id);
    const third = await visits(clients, REQUESTS.back);
    const stay = method.remembers ? "all stay" : "all are home";
    rows.push(assess(`${victim.id} back: ${stay}`, third, { from: expected, moves: "none", cookiesEach: 0 }));
    return rows;
  } finally {
    for (const client of clients) client.close();
  }
}

/** Each client sends one request after the other; all clients at once, unless the method wants them alone. */
async function visits(clients: Client[], count: number): Promise<Phase> {
  const phase: Phase = [];
  const visit = async (client: Client, i: number) => {
    const seen: Visit[] = [];
    phase[i] = seen;
    for (let n = 0; n < count; n++) seen.push(await client.visit());
  };
  if (clients[0]?.method.oneAtATime) for (const [i, client] of clients.entries()) await visit(client, i);
  else await Promise.all(clients.map(visit));
  return phase;
}

/** The backend that most clients are on. */
function busiest(backends: EchoBackend[], homes: (string | undefined)[]): EchoBackend {
  const load = (backend: EchoBackend) => homes.filter((home) => home === backend.id).length;
  return backends.reduce((most, backend) => (load(backend) > load(most) ? backend : most));
}

/** Waits until every client is served by that server: with health checks, it takes its time to return. */
async function served(clients: Client[], id: string): Promise<void> {
  for (const start = Date.now(); Date.now() - start < RECOVERY_LIMIT_MS; await sleep(100)) {
    const seen = await visits(clients, 1);
    if (lastServers(seen).every((server) => server === id)) return;
  }
}
