// learn: what tells a session's id, and how many are remembered for how long.
import { NONE, Text } from "../abi/slice";
import { FirstOf } from "../identify/first-of";
import { Source } from "../identify/source";
import { SLOTS } from "../learn/bucket";
import { Creation, CreationKind } from "../learn/creation";
import { fingerprintKey } from "../learn/secret";
import { BUCKET_COST, Table } from "../learn/table";
import { LearnRule } from "../rules/learn";
import { Rule } from "../rules/rule";
import { readPinRule } from "./pin";
import { Field, Fields } from "./reader";
import { Sealing } from "./sealing";
import { readName, readSource } from "./source";
import { readStore } from "./store";
import { lowerCase } from "./token";
import { readLimit } from "./token-value";
import { Value } from "./value";

/** In the order of `CreationKind`. */
const CREATIONS = ["cookie", "header", "cookie_prefix"];
const AT_LEAST_ONE = "a list of at least one source";

/** As nginx's: 10 minutes. */
const DEFAULT_TIMEOUT = 600;

/** So full the table can be before sessions are lost to full buckets. */
const FILL: f64 = 0.9;
const MOST_ENTRIES = 1000000000;

const LONGEST_ID = 65536;

/** The rule, or null with a problem noted. */
export function readLearnRule(fields: Fields, name: string, sealing: Sealing): Rule | null {
  const requestLearn = fields.take("request_learn").boolean(false);
  const creations = readCreations(fields.take("create"), !requestLearn);
  const lookup = readLookup(fields.take("lookup"));
  const timeout = readLimit(fields, "timeout", DEFAULT_TIMEOUT);
  const maxLife = readLimit(fields, "max_life", 0);
  const buckets = readBuckets(fields);
  const length = fields.take("length").integer(1, LONGEST_ID, LONGEST_ID);
  const repoint = fields.take("repoint").boolean(true);
  const storeField = fields.take("store");
  const pinField = fields.take("also_pin");
  let also: Rule | null = null;
  if (pinField.present) {
    const pin = pinField.object();
    also = readPinRule(pin, "", sealing);
    pin.end();
  }
  if (lookup === null) return null;
  const secret = fingerprintKey();
  if (secret == NONE) fields.problems.add("learn", "the host has no random numbers");
  const label = name.length > 0 ? name : `learn:${lookup.label}`;
  const table = new Table(sealing.policy, label, buckets, timeout, maxLife, length, secret);
  const store = storeField.present ? readStore(storeField, sealing, label, table, timeout) : null;
  const rule = new LearnRule(label, creations, lookup, table, store, requestLearn, repoint);
  rule.also = also;
  return rule;
}

function readCreations(field: Field, required: bool): StaticArray<Creation> {
  const creations = new Array<Creation>();
  const list = field.oneOrMore();
  if (list.length == 0 && (required || field.present)) field.expected(AT_LEAST_ONE);
  for (let i = 0; i < list.length; i++) {
    const fields = list[i].object();
    const kind = fields.exactlyOne(CREATIONS);
    if (kind >= 0) {
      const name = readName(fields.take(CREATIONS[kind]), "a cookie or header name");
      creations.push(new Creation(kind, new Text(kind == CreationKind.Header ? lowerCase(name) : name)));
    }
    fields.end();
  }
  return StaticArray.fromArray(creations);
}

/** One source, or several of which the first counts that a request has. */
function readLookup(field: Field): Source | null {
  const sources = new Array<Source>();
  const list = field.oneOrMore();
  if (list.length == 0) field.expected(AT_LEAST_ONE);
  for (let i = 0; i < list.length; i++) {
    const fields = list[i].object();
    const source = readSource(fields);
    fields.end();
    if (source !== null) sources.push(source);
  }
  return sources.length == 0 ? null : new FirstOf(StaticArray.fromArray(sources));
}

/** How many buckets `size` has room for, or `entries` need. */
function readBuckets(fields: Fields): u32 {
  const sizeField = fields.take("size");
  const entriesField = fields.take("entries");
  if (entriesField.present) {
    if (sizeField.present) entriesField.expected("size or entries, not both");
    return <u32>Math.ceil(<f64>entriesField.integer(1, MOST_ENTRIES, 1) / (FILL * SLOTS));
  }
  const text = sizeField.text("16MiB");
  const unit = "KMG".indexOf(text.slice(-3, -2));
  const count = new Field(sizeField.path, Value.ofText(text.slice(0, -3)), fields.problems).number(1, 65536, 1);
  const buckets = (count * <f64>(1 << (10 * (unit + 1)))) / BUCKET_COST;
  if (unit < 0 || buckets < 1 || !text.endsWith("iB")) sizeField.expected("a size such as 16MiB");
  return <u32>buckets;
}
