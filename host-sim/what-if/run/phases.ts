import type { Plan, ServerState } from "../plan/model.js";

/** A stretch of the run in which nothing changes. */
export interface Phase {
  name: string;
  from: number;
  to: number;
  /** At the end of the events that begin it. */
  states: ServerState[];
  weights: number[];
  /** Of the plan's timeline, those that happen at its beginning. */
  events: number[];
}

/** The run's phases: each begins with the events of one moment, or with a population that comes or goes. */
export function phasesOf({ timeline, clients, duration, servers }: Plan): Phase[] {
  const names = new Map<number, string[]>();
  const note = (at: number, name: string) => names.set(at, [...(names.get(at) ?? []), name]);
  for (const { at, name } of timeline) note(at, name);
  for (const { name, from, to } of clients) {
    if (from > 0) note(from, `${name} come`);
    if (to < duration) note(to, `${name} go`);
  }
  if (!names.has(0)) names.set(0, ["start"]);
  const times = [...names.keys()].filter((at) => at < duration).sort((a, b) => a - b);
  const states: ServerState[] = servers.map(({ initial }) => (initial ? "up" : "absent"));
  const weights = servers.map(({ weight }) => weight);
  return times.map((from, index) => {
    const events = timeline.flatMap(({ at }, event) => (at === from ? [event] : []));
    for (const { server, state, weight } of events.flatMap((event) => timeline[event]!.changes)) {
      if (state !== undefined) states[server] = state;
      if (weight !== undefined) weights[server] = weight;
    }
    const name = names.get(from)!.join("; ");
    return { name, from, to: times[index + 1] ?? duration, states: [...states], weights: [...weights], events };
  });
}
