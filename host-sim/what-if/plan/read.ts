import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { readFile } from "../../envoy-config/reader/file.js";
import { exactlyOne, message, optional, repeated, required } from "../../envoy-config/reader/message.js";
import type { Place, Reader } from "../../envoy-config/reader/place.js";
import { headerName, name, number, oneOf, uint } from "../../envoy-config/reader/scalars.js";
import type { Plan, PlannedServer, Population } from "./model.js";
import { contender } from "./policy.js";
import { span } from "./span.js";
import { timeline, type WrittenEvent, writtenEvent } from "./timeline.js";

/** What one run may ask. */
const MOST_REQUESTS = 100_000_000;
const MOST_CLIENTS = 20_000_000;
const MOST_SERVERS = 1000;

const server = message({ id: required(name), weight: optional(uint(1, 256), 1) });
type WrittenServer = ReturnType<typeof server>;

/** A number of equal servers S1, S2, ..., or a list. */
const servers: Reader<WrittenServer[]> = (at) => {
  if (Array.isArray(at.node.value)) {
    return repeated(server, { count: "at least one", distinct: { id: ({ id }) => id } }).read(at);
  }
  return Array.from({ length: uint(1, MOST_SERVERS)(at) }, (_, index) => ({ id: `S${index + 1}`, weight: 1 }));
};

const session: Reader<Population["session"]> = message(
  { cookie: optional(name), header: optional(headerName) },
  ({ cookie, header }, at) => {
    exactlyOne(at, "cookie", "header");
    return cookie === undefined ? { header: header! } : { cookie };
  },
);

const population = message({
  name: optional(name),
  count: required(uint(1, MOST_CLIENTS)),
  requests: required(uint(1, MOST_REQUESTS)),
  zipf: optional(number(0, 4), 0),
  clients_per_address: optional(uint(1), 1),
  address_changes_every: optional(span, 0),
  session_requests: optional(number(1, 1e9), 0),
  from: optional(span, 0),
  to: optional(span),
  session: optional(session),
});

/** Reads a plan; `directory` is where its policies' files are looked for. */
function planReader(directory: string): Reader<Plan> {
  return message(
    {
      title: required(name),
      seed: optional(uint(), 1),
      duration: optional(span, 3600),
      envoys: optional(uint(1, 256), 8),
      service_time: optional(span, 0),
      lb_policy: optional(oneOf("ROUND_ROBIN", "LEAST_REQUEST", "RANDOM"), "ROUND_ROBIN"),
      servers: required(servers),
      clients: repeated(population, { count: "at least one" }),
      timeline: repeated(writtenEvent),
      policies: repeated(contender(directory), { count: "at least one", distinct: { policy: ({ name }) => name } }),
    },
    (written, at) => {
      const { events, list } = timeline(written.timeline as WrittenEvent[], plannedServers(written.servers), at);
      const clients = written.clients.map(({ to = written.duration, ...rest }, index) => ({
        ...rest,
        to,
        name: rest.name ?? `clients ${index + 1}`,
        perAddress: rest.clientsPerAddress,
        mobileEvery: rest.addressChangesEvery,
      }));
      checkPopulations(clients, written.duration, at);
      for (const event of events) {
        if (event.at > written.duration)
          at.report(`expected events before the end (${written.duration} s), found one at ${event.at} s`);
      }
      return { ...written, loadBalancer: written.lbPolicy, servers: list, clients, timeline: events };
    },
  );
}

function plannedServers(written: WrittenServer[]): PlannedServer[] {
  return written.map(({ id, weight }, index) => ({ id, weight, address: addressOf(index), initial: true }));
}

/** A server's address, of a block that documentation uses. */
export function addressOf(index: number): string {
  return `198.18.${index >> 8}.${index & 255}:8080`;
}

function checkPopulations(clients: Population[], duration: number, at: Place): void {
  const requests = clients.reduce((sum, population) => sum + population.requests, 0);
  const count = clients.reduce((sum, population) => sum + population.count, 0);
  const place = at.field("clients")!;
  if (requests > MOST_REQUESTS) place.report(`expected at most ${MOST_REQUESTS} requests, found ${requests}`);
  if (count > MOST_CLIENTS) place.report(`expected at most ${MOST_CLIENTS} clients, found ${count}`);
  for (const { name, from, to } of clients) {
    if (from >= to || to > duration)
      place.report(`${name}: expected from < to <= duration, found ${from} s to ${to} s`);
  }
  const named = new Set(clients.map(({ session }) => JSON.stringify(session ?? null)));
  if (named.size > 1) place.report("expected the same session in all populations, since they use one application");
}

/**
 * Reads a plan, with the policies' files that it names.
 * @param fileName stands in errors; the paths of policies are relative to its folder
 * @throws EnvoyConfigError with all that is wrong
 */
export function parsePlan(text: string, fileName: string): Plan {
  return readFile(text, fileName, {}, planReader(dirname(resolve(fileName))))[0];
}

/** Reads a plan's file; throws the file system's error too. */
export function loadPlan(fileName: string): Plan {
  return parsePlan(readFileSync(fileName, "utf8"), fileName);
}
