// store: the Redis, behind HTTP, in which a fleet shares what a learn rule has learned.
import { environmentVariable } from "../abi/environment";
import { Text } from "../abi/slice";
import { REFRESH } from "../learn/bucket";
import { Table } from "../learn/table";
import { ruleMetric } from "../remember/outcome";
import { Circuit } from "../store/circuit";
import { Client } from "../store/client";
import { Store } from "../store/store";
import { Field } from "./reader";
import { Sealing } from "./sealing";
import { readName } from "./source";
import { isVisible, lowerCase } from "./token";
import { readLimit } from "./token-value";

/** What webdis and hosted services all read as part of a path's segment, with a colon. */
const NAME_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-:";

const LONGEST_BUDGET = 10000;
const LONGEST_NEGATIVE = 3600000;
const LONGEST_OPEN = 3600000;

/** @param timeout the rule's, in seconds */
export function readStore(field: Field, sealing: Sealing, rule: string, table: Table, timeout: u32): Store {
  const fields = field.object();
  const cluster = fields.take("cluster").text();
  const authority = fields.take("authority").text(cluster.length > 0 ? cluster : "store");
  const prefixField = fields.take("path_prefix");
  const prefix = prefixField.present ? prefixField.text() : "";
  if (prefix.length > 0 && (!prefix.startsWith("/") || prefix.endsWith("/") || !isVisible(prefix))) {
    prefixField.expected("a path that begins, and does not end, with a slash");
  }
  const namespaceField = fields.take("namespace");
  const namespace = namespaceField.text("limpet");
  if (!isPlain(namespace)) namespaceField.expected("letters, digits, _, - and :");
  const header = lowerCase(readHeaderName(fields.take("header")));
  const secret = readSecret(fields.take("token_env"), header);
  const ttl = readLimit(fields, "ttl", timeout);
  const budget = fields.take("budget").milliseconds(LONGEST_BUDGET, 50);
  const negative = fields.take("negative").milliseconds(LONGEST_NEGATIVE, 1000);
  const circuit = fields.take("circuit").object();
  const failures = circuit.take("failures").integer(1, 1000, 5);
  const open = circuit.take("open").milliseconds(LONGEST_OPEN, 2000);
  circuit.end();
  fields.end();
  if (sealing.keys.count == 0) {
    field.problems.add(
      field.path,
      "expected keys in LIMPET_KEYS or in keys, the same for the whole fleet; there are none",
    );
  }
  const metrics = ruleMetric(sealing.policy, rule, "store.");
  const client = new Client(
    new Text(cluster),
    new Text(authority),
    new Text(prefix),
    new Text(namespace),
    secret.length > 0 ? new Text(header) : null,
    new Text(secret),
    // A use is noted a while after the one before: nothing shall end too early for that.
    ttl + ttl / REFRESH,
    budget,
  );
  return new Store(
    metrics,
    sealing.keys,
    ["store", namespace, sealing.policy, rule],
    table,
    client,
    new Circuit(`${metrics}open`, failures, open),
    ttl,
    negative,
  );
}

function readHeaderName(field: Field): string {
  return field.present ? readName(field, "a header name") : "authorization";
}

/** The header's value; a token alone is a bearer token (RFC 6750 §2.1) in `authorization`. */
function readSecret(field: Field, header: string): string {
  if (!field.present) return "";
  const name = field.text();
  const token = environmentVariable(name);
  if (token === null || token.length == 0) {
    field.expected("the name of an environment variable with a token");
    return "";
  }
  return header == "authorization" && !token.includes(" ") ? `Bearer ${token}` : token;
}

function isPlain(text: string): bool {
  for (let i = 0; i < text.length; i++) if (!NAME_DIGITS.includes(text.charAt(i))) return false;
  return text.length <= 64;
}
