/** What a module that traces tells of a decision: the lines of assembly/trace.ts. */

export interface ServerTrace {
  id: string;
  address: string;
  weight: number;
  takesNew: boolean;
  keepsOld: boolean;
  /** Requests in flight, where a rule counts them. */
  inFlight: number | null;
}

export interface RuleTrace {
  name: string;
  /** Whether `when` and `unless` let it. */
  concerns: boolean;
  /** What the client brought, where the rule remembers; times are seconds since the epoch, 0 is not known. */
  session: { brought: string; named: string | null; since: number; lastUse: number; idle: number } | null;
  /** The servers proposed once it was done, those of rules before it included. */
  proposed: string[];
  /** The value that it hashed, in hex, and the servers in that value's order. */
  hash?: { key: string; order: string[] };
}

export interface Trace {
  policy: string | undefined;
  servers: ServerTrace[];
  rules: RuleTrace[];
  asked: { server: string; rule: string } | null;
  outcome: { server: string | null; rule: string; outcome: string } | undefined;
  /** What it logged besides. */
  others: string[];
}

/** Sorts the lines of one request. */
export function readTrace(lines: string[]): Trace {
  const trace: Trace = { policy: undefined, servers: [], rules: [], asked: null, outcome: undefined, others: [] };
  let hash: RuleTrace["hash"];
  for (const line of lines) {
    if (!line.startsWith('{"step":')) {
      trace.others.push(line);
      continue;
    }
    const { step, ...of } = JSON.parse(line);
    if (step === "policy") {
      trace.policy = of.name;
      trace.servers = of.servers;
    } else if (step === "hash") {
      hash = of;
    } else if (step === "rule") {
      trace.rules.push(hash ? { ...of, hash } : of);
      hash = undefined;
    } else if (step === "asked") {
      trace.asked = of.server === null ? null : of;
    } else if (step === "outcome") {
      trace.outcome = of;
    }
  }
  return trace;
}
