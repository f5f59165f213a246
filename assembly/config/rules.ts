// rules: one of pin, route, hash, cluster, learn in each, and what each takes.
import { Text } from "../abi/slice";
import { HashRule } from "../rules/hash";
import { IdPlace, RouteRule } from "../rules/route";
import { Rule } from "../rules/rule";
import { Unavailable } from "../rules/unavailable";
import { readAlgorithm } from "./algorithm";
import { readCondition } from "./condition";
import { readLearnRule } from "./learn";
import { readClusterRule, readPinRule } from "./pin";
import { Field, Fields } from "./reader";
import { Sealing } from "./sealing";
import { readSource } from "./source";
import { isVisible } from "./token";
import { MOST_AGAIN, readUnavailable } from "./unavailable";

const NOT_HERE = "none: a session of this rule has no server of its own";
const STRATEGIES = ["pin", "route", "hash", "cluster", "learn"];

/** In the order of `IdPlace`. */
const ID_PLACES = ["whole", "after_last", "before_first"];

/** The rule, or null with a problem noted; `unavailable` is for one that does not say. */
export function readRule(field: Field, sealing: Sealing, unavailable: Unavailable): Rule | null {
  const fields = field.object();
  const name = fields.take("name").text("");
  const strategy = fields.exactlyOne(STRATEGIES);
  const when = readCondition(fields.take("when"));
  const unless = readCondition(fields.take("unless"));
  const unavailableField = fields.take("on_unavailable");
  const own = readUnavailable(unavailableField, unavailable);
  const redispatch = fields.take("redispatch_after");
  const redispatchAfter = redispatch.integer(1, MOST_AGAIN, 0);
  if (strategy >= 0 && !keepsServer(strategy)) {
    if (unavailableField.present) unavailableField.expected(NOT_HERE);
    if (redispatch.present) redispatch.expected(NOT_HERE);
  }
  if (strategy < 0) {
    fields.end();
    return null;
  }
  const options = fields.take(STRATEGIES[strategy]).object();
  fields.end();
  const rule = readStrategy(strategy, options, name, sealing);
  options.end();
  if (rule === null) return null;
  for (let each: Rule | null = rule; each !== null; each = each.also) {
    each.when = when;
    each.unless = unless;
    if (keepsServer(strategy)) each.unavailable = own;
    each.redispatchAfter = redispatchAfter;
    each.retries = new Text(redispatchAfter.toString());
  }
  return rule;
}

/** True if the rule's sessions have a server of their own: pin, route, learn. */
function keepsServer(strategy: i32): bool {
  return strategy != 2 && strategy != 3;
}

/** `strategy` is an index in STRATEGIES. */
function readStrategy(strategy: i32, options: Fields, name: string, sealing: Sealing): Rule | null {
  if (strategy == 0) return readPinRule(options, name, sealing);
  if (strategy == 1) return readRoute(options, name);
  if (strategy == 2) return readHash(options, name);
  if (strategy == 3) return readClusterRule(options, name, sealing);
  return readLearnRule(options, name, sealing);
}

function readRoute(fields: Fields, name: string): Rule | null {
  const source = readSource(fields);
  const place = fields.take("id").oneOf(ID_PLACES, IdPlace.Whole);
  const field = fields.take("separator");
  const separator = field.text(".");
  if (separator.length != 1 || !isVisible(separator)) field.expected("one visible character");
  if (source === null) return null;
  const label = name.length > 0 ? name : `route:${source.label}`;
  return new RouteRule(label, source, place, <u8>separator.charCodeAt(0));
}

function readHash(fields: Fields, name: string): Rule | null {
  const source = readSource(fields);
  const algorithm = readAlgorithm(fields, source);
  const maxLoad = fields.take("max_load").number(1, 1000, 0);
  if (source === null) return null;
  return new HashRule(name.length > 0 ? name : `hash:${source.label}`, source, algorithm, maxLoad);
}
