// What a decision was made of, told to the log as lines of JSON: for `limpet explain`, in a module of its
// own that is compiled from the same sources with `--use TRACE=1`. The module for production has none of it.
import { gaugeValue, logTrace } from "./abi/host";
import { Slice, byteAt, lenOf } from "./abi/slice";
import { Stream } from "./abi/streams";
import { Algorithm } from "./choose/algorithm";
import { Candidates, MOST_CANDIDATES } from "./choose/candidates";
import { Policy } from "./policy";
import { Request } from "./request";
import { Rule } from "./rules/rule";
import { Servers } from "./servers/index";

/** The policy that the request got, and its servers as they are now. */
export function tracePolicy(policy: Policy): void {
  const servers = new Array<string>();
  for (let i = 0; i < policy.servers.count; i++) {
    const server = policy.servers.at(i);
    const load = server.inFlight == 0 ? "null" : gaugeValue(server.inFlight).toString();
    servers.push(
      `{"id":${json(server.id.toString())},"address":${json(server.address.toString())},"weight":${server.weight},` +
        `"takesNew":${server.takesNew},"keepsOld":${server.keepsOld},"inFlight":${load}}`,
    );
  }
  logTrace(`{"step":"policy","name":${json(policy.name)},"servers":[${servers.join(",")}]}`);
}

/** What one rule saw, and the servers that are proposed when it is done. */
export function traceRule(rule: Rule, request: Request, policy: Policy, stream: Stream): void {
  let session = "null";
  if (rule.remembers) {
    const brought = stream.session(rule.session);
    // In the order of `Brought`; here, since a list of the module's would be in every build.
    const words = ["nothing", "good", "stale", "unknown", "expired", "tampered", "ignored", "drained", "rebalanced"];
    session =
      `{"brought":${json(words[brought.brought])},"named":${serverAt(brought.named, policy.servers)},` +
      `"since":${brought.since},"lastUse":${brought.lastUse},"idle":${brought.idle}}`;
  }
  const proposed = idsOf(request.candidates, policy.servers);
  const concerns = rule.concerns(request);
  logTrace(
    `{"step":"rule","name":${json(rule.name)},"concerns":${concerns},"session":${session},"proposed":${proposed}}`,
  );
}

/** A value that is hashed, and the servers in its order. */
export function traceHash(key: Slice, algorithm: Algorithm, servers: Servers): void {
  const order = new Candidates();
  order.clear(MOST_CANDIDATES);
  algorithm.rank(key, servers, order);
  logTrace(`{"step":"hash","key":"${hex(key)}","order":${idsOf(order, servers)}}`);
}

/** Who is asked for, and by which rule. */
export function traceAsked(stream: Stream, policy: Policy): void {
  const rule = stream.rule < 0 ? "null" : json(policy.rules[stream.rule].name);
  logTrace(`{"step":"asked","server":${serverAt(stream.asked, policy.servers)},"rule":${rule}}`);
}

/** Who served, and under which rule it counts as what. */
export function traceOutcome(server: i32, rule: Slice, word: Slice, policy: Policy): void {
  const served = serverAt(server, policy.servers);
  logTrace(`{"step":"outcome","server":${served},"rule":${textOf(rule)},"outcome":${textOf(word)}}`);
}

function idsOf(candidates: Candidates, servers: Servers): string {
  const ids = new Array<string>();
  for (let i = 0; i < candidates.count; i++) ids.push(serverAt(candidates.at(i), servers));
  return `[${ids.join(",")}]`;
}

function serverAt(index: i32, servers: Servers): string {
  if (index < 0) return "null";
  const server = servers.at(index);
  return json(server.id.toString());
}

function textOf(text: Slice): string {
  let shown = "";
  for (let i = 0; i < lenOf(text); i++) shown += String.fromCharCode(byteAt(text, i));
  return json(shown);
}

function hex(bytes: Slice): string {
  let text = "";
  for (let i = 0; i < lenOf(bytes); i++) text += byteAt(bytes, i).toString(16).padStart(2, "0");
  return text;
}

/** RFC 8259 §7: what must be escaped, is. */
function json(text: string): string {
  let quoted = '"';
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const plain = code >= 0x20 && code != 0x22 && code != 0x5c;
    quoted += plain ? text.charAt(i) : `\\u${code.toString(16).padStart(4, "0")}`;
  }
  return quoted + '"';
}
