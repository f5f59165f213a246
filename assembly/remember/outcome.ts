// What became of a request: each has exactly one outcome, counted under the rule that decided it.
import { counter, increment } from "../abi/host";
import { Slice, Text } from "../abi/slice";

export enum Outcome {
  /** Served by the server that the session named. */
  Stuck,
  /** A session without a server: Envoy's load balancer placed it. */
  Placed,
  /** Another server served than the one the session named. */
  Moved,
  /** The client brought a token that names no usable server; it was placed anew. */
  Unknown,
  /** The client brought a token whose session had ended; it was placed anew. */
  Expired,
  /** The client brought a token that Limpet did not make; it was placed anew. */
  Tampered,
  /** No known server served: Envoy answered itself, or the stream ended before a response. */
  Unserved,
  /** Another server served for now; the session stays that of its own. */
  Detoured,
  /** Its server cannot be used, and no other may serve: the client was told to come back later. */
  Refused,
  /** The application ended the session, or sent it to another server. */
  Unpinned,
  /** A hashed session, whose first server has its share of requests. */
  Overflowed,
}

/** What happened to a request before Envoy got it. */
export enum Course {
  /** It goes to the server of its session, or where Envoy places it. */
  Straight,
  Detoured,
  Refused,
  Overflowed,
}

const WORDS: string[] = [
  "stuck",
  "placed",
  "moved",
  "unknown",
  "expired",
  "tampered",
  "unserved",
  "detoured",
  "refused",
  "unpinned",
  "overflowed",
];

/** The counters of one rule, and what logs call it. */
export class Tally {
  private counters: StaticArray<u32> = new StaticArray<u32>(WORDS.length);
  private words: Array<Text> = [];
  readonly rule: Text;

  constructor(policy: string, rule: string) {
    this.rule = new Text(rule);
    for (let i = 0; i < WORDS.length; i++) {
      this.counters[i] = counter(ruleMetric(policy, rule, `outcome.${WORDS[i]}`));
      this.words.push(new Text(WORDS[i]));
    }
  }

  count(outcome: Outcome): void {
    increment(unchecked(this.counters[outcome]));
  }

  /** The outcome's name. */
  word(outcome: Outcome): Slice {
    return unchecked(this.words[outcome]).slice;
  }
}

/** The name of a policy's metric. */
export function policyMetric(policy: string, word: string): string {
  return `limpet.policy.${metricName(policy)}.${word}`;
}

/** The name of a server's metric. */
export function serverMetric(policy: string, server: string, word: string): string {
  return policyMetric(policy, `server.${metricName(server)}.${word}`);
}

/** The name of a rule's metric. */
export function ruleMetric(policy: string, rule: string, word: string): string {
  return policyMetric(policy, `rule.${metricName(rule)}.${word}`);
}

/** A name as a segment of a metric's name: letters, digits, `_` and `-`; everything else is `_`. */
export function metricName(text: string): string {
  let name = "";
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const letter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
    const digit = code >= 0x30 && code <= 0x39;
    name += letter || digit || code == 0x2d ? text.charAt(i) : "_";
  }
  return name;
}
