// Reads a whole configuration into policies. docs/configuration.md has every field.
import { MAX_REMEMBERING_RULES } from "../abi/streams";
import { Slice, Text, byteAt, lenOf } from "../abi/slice";
import { Discovery } from "../discovery/discovery";
import { Handoff, OverrideHostHandoff, StatefulSessionHandoff } from "../handoff";
import { Operator } from "../operator/operator";
import { Policies } from "../policies";
import { Policy } from "../policy";
import { Verdict } from "../remember/verdict";
import { Rule } from "../rules/rule";
import { Unavailable } from "../rules/unavailable";
import { Servers } from "../servers/index";
import { Load } from "../servers/load";
import { SeenServers } from "../servers/seen";
import { readDiscovery } from "./discovery";
import { parseJson } from "./json";
import { completeKeyRing, readKeyRing } from "./keys";
import { Field, Fields, Problems } from "./reader";
import { readRule } from "./rules";
import { Sealing } from "./sealing";
import { readSessionOptions } from "./sessions";
import { readServers } from "./servers";
import { readName, readPropertyPath } from "./source";
import { decodeStruct } from "./struct";
import { isToken, lowerCase } from "./token";
import { readUnavailable, readUnpin } from "./unavailable";
import { DEEPEST, Kind, Value } from "./value";

/** The policies in the bytes that the host hands over, or null with at least one problem. */
export function readPolicies(bytes: Slice, problems: Problems): Policies | null {
  const value = parse(bytes, problems);
  if (value === null) return null;
  const fields = new Field("", value, problems).object();
  const name = fields.take("name").text("default");
  const keys = readKeyRing(fields);
  const policies = new Array<Policy>();
  let from: Text | null = null;
  if (fields.has("policy_from")) {
    from = new Text(readPropertyPath(fields.take("policy_from")).join("\0"));
    const named = fields.take("policies").members("policy");
    for (let i = 0; i < named.length; i++) {
      const options = named[i].object();
      addPolicy(options, new Sealing(keys, named[i].name), policies);
      options.end();
    }
  } else {
    addPolicy(fields, new Sealing(keys, name), policies);
  }
  const handoff = readHandoff(fields.take("handoff"));
  if (!handoff.repeats) refuseRepeats(policies, from !== null, problems);
  const verdict = readVerdict(fields.take("verdict"));
  const operates = fields.take("operator").boolean(false);
  fields.end();
  if (!problems.any) completeKeyRing(keys, problems);
  if (problems.any) return null;
  const list = StaticArray.fromArray(policies);
  return new Policies(handoff, verdict, from, list, operates ? new Operator(list) : null);
}

/** Where a retry cannot be sent to the same server, no rule may ask for it. */
function refuseRepeats(policies: Array<Policy>, named: bool, problems: Problems): void {
  for (let i = 0; i < policies.length; i++) {
    const rules = policies[i].rules;
    const parent = named ? `policies.${policies[i].name}.` : "";
    for (let j = 0; j < rules.length; j++) {
      if (rules[j].redispatchAfter == 0) continue;
      const problem =
        "expected handoff.override_host beside it; with stateful_session Envoy chooses the server of a retry";
      problems.add(`${parent}rules[${j}].redispatch_after`, problem);
    }
  }
}

/** Takes servers and rules, and appends the policy unless there is a problem. */
function addPolicy(fields: Fields, sealing: Sealing, policies: Array<Policy>): void {
  const name = sealing.policy;
  const problems = fields.problems.lines.length;
  const field = fields.take("servers");
  const value = field.value;
  const discovery = value !== null && value.kind == Kind.Object ? readDiscovery(field) : null;
  let servers: Servers | null = discovery === null ? null : discovery.servers;
  if (servers === null && field.present) servers = readServers(field);
  const unavailable = readUnavailable(fields.take("on_unavailable"), new Unavailable());
  const rules = readRules(fields.take("rules"), sealing, unavailable);
  const unpin = readUnpin(fields.take("unpin"));
  if (servers === null) servers = withoutList(rules, field);
  const options = readSessionOptions(fields, name, servers, rules);
  let counting = options.countsRequests;
  for (let i = 0; i < rules.length; i++) counting = counting || rules[i].needsLoad;
  if (fields.problems.lines.length > problems) return;
  const load = new Load(name, servers, counting);
  const list = StaticArray.fromArray(rules);
  const policy = new Policy(name, servers, list, load, options.sessions, options.relocation, unpin);
  policies.push(policy);
  if (discovery !== null) policy.discovery = new Discovery(policy, discovery);
}

/** A `google.protobuf.Struct`, else JSON (in a `google.protobuf.StringValue`). */
function parse(bytes: Slice, problems: Problems): Value | null {
  const struct = decodeStruct(bytes);
  if (struct !== null) return struct;
  if (!beginsLikeJson(bytes)) {
    problems.add(
      "configuration",
      `expected a google.protobuf.Struct of at most ${DEEPEST} levels, or a google.protobuf.StringValue with JSON`,
    );
    return null;
  }
  const json = parseJson(bytes);
  if (json.error.length > 0) problems.add("configuration", json.error);
  else if (json.value.kind != Kind.Object) new Field("configuration", json.value, problems).expected("an object");
  return problems.any ? null : json.value;
}

/** A brace, or any text: bytes that are not text are an unknown message. */
function beginsLikeJson(bytes: Slice): bool {
  for (let i = 0; i < lenOf(bytes); i++) {
    const byte = byteAt(bytes, i);
    if (byte < 0x20 && byte != 0x09 && byte != 0x0a && byte != 0x0d) return false;
  }
  return true;
}

/** The servers that sealed tokens name, unless a rule needs a list. */
function withoutList(rules: Array<Rule>, field: Field): Servers {
  for (let i = 0; i < rules.length; i++) {
    if (!rules[i].needsList) continue;
    field.expected(`a list of at least one server, for the rule ${rules[i].name}`);
    break;
  }
  return new SeenServers();
}

function readRules(field: Field, sealing: Sealing, unavailable: Unavailable): Array<Rule> {
  const rules = new Array<Rule>();
  const fields = field.some("rule");
  let remembering = 0;
  for (let i = 0; i < fields.length; i++) {
    const problems = field.problems.lines.length;
    // The name of a rule with a problem may be another than was meant.
    const rule = readRule(fields[i], sealing, unavailable);
    if (field.problems.lines.length > problems) continue;
    for (let each: Rule | null = rule; each !== null; each = each!.also) {
      if (each.remembers) remembering++;
      addRule(each, rules, fields[i]);
    }
  }
  if (remembering > MAX_REMEMBERING_RULES) {
    field.problems.add(field.path, `expected at most ${MAX_REMEMBERING_RULES} rules that remember; got ${remembering}`);
  }
  return rules;
}

/** Appends a rule, and notes what it shares with another. */
function addRule(rule: Rule, rules: Array<Rule>, field: Field): void {
  for (let i = 0; i < rules.length; i++) {
    if (rules[i].name == rule.name) {
      field.problems.add(field.path, `another rule is called ${rule.name} too; give one of them a name`);
    } else if (rule.cookie.length > 0 && rules[i].cookie == rule.cookie) {
      field.problems.add(field.path, `another rule writes the cookie ${rule.cookie} too`);
    }
  }
  rules.push(rule);
}

/** True or false stand for one line, and nothing. */
function readVerdict(field: Field): Verdict {
  const value = field.value;
  if (value === null || value.kind != Kind.Object) return new Verdict(field.boolean(true), false, null);
  const fields = field.object();
  const line = fields.take("line").boolean(true);
  const parts = fields.take("parts").boolean(false);
  const headerField = fields.take("request_header");
  const header = headerField.present ? new Text(lowerCase(readName(headerField, "a header name"))) : null;
  fields.end();
  return new Verdict(line, parts, header);
}

function readHandoff(field: Field): Handoff {
  const ways = ["stateful_session", "override_host"];
  const fields = field.object();
  const way = field.present ? fields.exactlyOne(ways) : 0;
  const options = fields.take(ways[max(way, 0)]).object();
  const headerField = options.take("header");
  const header = lowerCase(headerField.text("x-limpet-upstream"));
  if (header.length > 0 && !isToken(header)) headerField.expected("a header name");
  options.end();
  fields.end();
  return way == 1 ? new OverrideHostHandoff(header) : new StatefulSessionHandoff(header);
}
