// Reads a whole configuration into a policy. The JSON Schema `envoy/limpet.schema.json` says the
// same field names to editors and to `limpet check`.
import { MAX_REMEMBERING_RULES } from "../abi/streams";
import { Slice, byteAt, lenOf } from "../abi/slice";
import { Handoff, OverrideHostHandoff, StatefulSessionHandoff } from "../handoff";
import { Policy } from "../policy";
import { Rule } from "../rules/rule";
import { parseJson } from "./json";
import { Field, Problems } from "./reader";
import { readRule } from "./rules";
import { readServers } from "./servers";
import { decodeStruct } from "./struct";
import { isToken, lowerCase } from "./token";
import { DEEPEST, Kind, Value } from "./value";

/** The policy in the bytes that the host hands over, or null with at least one problem. */
export function readPolicy(bytes: Slice, problems: Problems): Policy | null {
  const value = parse(bytes, problems);
  if (value === null) return null;
  const fields = new Field("", value, problems).object();
  const name = fields.take("name").text("default");
  const servers = readServers(fields.take("servers"));
  const rules = readRules(fields.take("rules"));
  const handoff = readHandoff(fields.take("handoff"));
  const verdict = fields.take("verdict").boolean(true);
  fields.end();
  if (problems.any) return null;
  return new Policy(name, servers, StaticArray.fromArray(rules), handoff, verdict);
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

function readRules(field: Field): Array<Rule> {
  const rules = new Array<Rule>();
  const fields = field.some("rule");
  let remembering = 0;
  for (let i = 0; i < fields.length; i++) {
    const problems = field.problems.lines.length;
    const rule = readRule(fields[i]);
    // The name of a rule with a problem may be another than was meant.
    if (rule === null || field.problems.lines.length > problems) continue;
    if (rule.remembers) remembering++;
    for (let j = 0; j < rules.length; j++) {
      if (rules[j].name != rule.name) continue;
      fields[i].problems.add(fields[i].path, `another rule is called ${rule.name} too; give one of them a name`);
    }
    rules.push(rule);
  }
  if (remembering > MAX_REMEMBERING_RULES) {
    field.problems.add(field.path, `expected at most ${MAX_REMEMBERING_RULES} rules that remember; got ${remembering}`);
  }
  return rules;
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
