// gauges, drain, rebalance: what is counted of live sessions, and when they leave a server that works.
import { Rule } from "../rules/rule";
import { Servers } from "../servers/index";
import { SeenServers } from "../servers/seen";
import { SessionCount } from "../sessions/count";
import { Drain } from "../sessions/drain";
import { Window } from "../sessions/ledger";
import { Rebalance } from "../sessions/rebalance";
import { Relocation } from "../sessions/relocation";
import { Field, Fields } from "./reader";
import { readLimit } from "./token-value";

/** A gauge for sessions without an idle time of their own. */
const DEFAULT_IDLE = 1800;
const DEFAULT_SPREAD = 120;
const DEFAULT_MOVES = 60;
const DEFAULT_MOVE_IDLE = 60;
const DEFAULT_BOUND: f64 = 1.2;

const MINUTE: u64 = 60000;
const MOST_MOVES = 60000;

/** What a policy counts and moves, as the configuration has it. */
export class SessionOptions {
  sessions: SessionCount | null = null;
  relocation: Relocation | null = null;
  /** True if requests in flight are counted, whatever the rules need. */
  countsRequests: bool = false;
}

/** Takes `gauges`, `drain` and `rebalance`. */
export function readSessionOptions(
  fields: Fields,
  policy: string,
  servers: Servers,
  rules: Array<Rule>,
): SessionOptions {
  const options = new SessionOptions();
  const gauges = fields.take("gauges");
  const members = gauges.object();
  const wanted = members.take("sessions").boolean(gauges.present);
  options.countsRequests = members.take("in_flight").boolean(false);
  let idle: u32 = 0;
  let refreshAfter: u32 = 0;
  for (let i = 0; i < rules.length; i++) {
    const lifetime = rules[i].lifetime;
    if (lifetime === null) continue;
    idle = max(idle, lifetime.maxIdle);
    refreshAfter = max(refreshAfter, lifetime.refreshAfter);
  }
  idle = readAtLeastOne(members, "idle", idle > 0 ? idle : DEFAULT_IDLE);
  members.end();
  const drain = readDrain(fields.take("drain"), policy, servers);
  const rebalanceField = fields.take("rebalance");
  if (wanted || rebalanceField.present) options.sessions = new SessionCount(policy, new Window(idle, refreshAfter));
  const rebalance = readRebalance(rebalanceField, policy, servers, options.sessions);
  if (drain !== null || rebalance !== null) options.relocation = new Relocation(policy, drain, rebalance);
  return options;
}

function readDrain(field: Field, policy: string, servers: Servers): Drain | null {
  if (!field.present) return null;
  const fields = field.object();
  const deadline = fields.take("deadline");
  if (!deadline.present) deadline.expected("a duration such as 90s, 30m, 8h or 2d");
  const drain = new Drain(
    policy,
    servers,
    readLimit(fields, "deadline", 0),
    readLimit(fields, "spread", DEFAULT_SPREAD),
  );
  fields.end();
  return drain;
}

function readRebalance(
  field: Field,
  policy: string,
  servers: Servers,
  sessions: SessionCount | null,
): Rebalance | null {
  if (sessions === null || !field.present) return null;
  const fields = field.object();
  const moves = fields.take("sessions_per_minute").integer(1, MOST_MOVES, DEFAULT_MOVES);
  const idle = readLimit(fields, "idle", DEFAULT_MOVE_IDLE);
  const bound = fields.take("bound").number(1, 1000, DEFAULT_BOUND);
  fields.end();
  if (servers instanceof SeenServers) field.expected("none without a list of servers, whose shares it compares");
  return new Rebalance(policy, servers, sessions, MINUTE / moves, idle, bound);
}

function readAtLeastOne(fields: Fields, name: string, fallback: u32): u32 {
  const seconds = readLimit(fields, name, fallback);
  if (seconds == 0) fields.take(name).expected("at least 1s");
  return seconds;
}
