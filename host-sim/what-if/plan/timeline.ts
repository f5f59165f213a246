import { mapOf } from "../../envoy-config/reader/list.js";
import { exactlyOne, message, optional, required } from "../../envoy-config/reader/message.js";
import { didYouMean } from "../../envoy-config/reader/names.js";
import type { Place, Reader } from "../../envoy-config/reader/place.js";
import { name, uint } from "../../envoy-config/reader/scalars.js";
import type { PlannedServer, ServerState, TimelineEvent } from "./model.js";
import { addressOf } from "./read.js";
import { span } from "./span.js";

const KINDS = ["crash", "recover", "drain", "remove", "scale", "weight", "deploy"];

/** One line of the timeline as written, and where. */
export const writtenEvent = message(
  {
    at: required(span),
    crash: optional(name),
    recover: optional(name),
    drain: optional(name),
    remove: optional(name),
    scale: optional(uint(1, 1000)),
    weight: optional(mapOf(uint(1, 256))),
    deploy: optional(span),
  },
  (written, place) => {
    exactlyOne(place, ...KINDS);
    return { ...written, place };
  },
);
export type WrittenEvent = ReturnType<typeof writtenEvent>;

const STATES = { crash: "dead", recover: "up", drain: "draining", remove: "absent" } as const;
const WORDS = { crash: "crashes", recover: "is back", drain: "drains", remove: "is removed" };

/** The events in order of time, and all servers: those at the start, then those that events add. */
export function timeline(
  written: WrittenEvent[],
  initial: PlannedServer[],
  at: Place,
): { events: TimelineEvent[]; list: PlannedServer[] } {
  const list = [...initial];
  const events: TimelineEvent[] = [];
  for (const event of [...written].sort((a, b) => a.at - b.at)) {
    const find = (id: string): number => {
      const index = list.findIndex((server) => server.id === id);
      if (index < 0)
        event.place.report(
          `expected a server, found "${id}"${didYouMean(
            id,
            list.map((server) => server.id),
          )}`,
        );
      return Math.max(index, 0);
    };
    for (const kind of Object.keys(STATES) as (keyof typeof STATES)[]) {
      const id = event[kind];
      if (id === undefined) continue;
      events.push({ at: event.at, name: `${id} ${WORDS[kind]}`, changes: [{ server: find(id), state: STATES[kind] }] });
    }
    if (event.weight !== undefined) {
      const changes = Object.entries(event.weight).map(([id, weight]) => ({ server: find(id), weight }));
      const words = Object.entries(event.weight).map(([id, weight]) => `${id} ${weight}`);
      events.push({ at: event.at, name: `weights: ${words.join(", ")}`, changes });
    }
    if (event.scale !== undefined) events.push(scale(event.at, event.scale, list));
    if (event.deploy !== undefined) events.push(...deploy(event.at, event.deploy, list));
  }
  if (new Set(list.map(({ id }) => id)).size < list.length)
    at.report("expected other ids than those of the servers that scale adds (S1, S2, ...)");
  return { events: events.sort((a, b) => a.at - b.at), list };
}

/** To so many servers: new ones at the end, or the last ones leave. */
function scale(at: number, count: number, list: PlannedServer[]): TimelineEvent {
  for (let index = list.length; index < count; index++) {
    list.push({ id: `S${index + 1}`, address: addressOf(index), weight: 1, initial: false });
  }
  const changes = list.map((_, server) => ({ server, state: (server < count ? "up" : "absent") as ServerState }));
  return { at, name: `scale to ${count}`, changes };
}

/** A rolling restart: each server drains for the span, is away for as long, and comes back as the next one drains. */
function deploy(at: number, each: number, list: PlannedServer[]): TimelineEvent[] {
  return list.flatMap(({ id }, server) => {
    const start = at + 2 * each * server;
    return [
      { at: start, name: `${id} drains`, changes: [{ server, state: "draining" as const }] },
      { at: start + each, name: `${id} restarts`, changes: [{ server, state: "dead" as const }] },
      { at: start + 2 * each, name: `${id} is back`, changes: [{ server, state: "up" as const }] },
    ];
  });
}

/** The reader's type, for lists. */
export type EventReader = Reader<WrittenEvent>;
