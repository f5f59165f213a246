// rules: one of pin, route, hash in each, and what each takes.
import { ClientIpSource } from "../identify/client-ip";
import { HeaderSource } from "../identify/header";
import { Source } from "../identify/source";
import { HashRule } from "../rules/hash";
import { RouteRule } from "../rules/route";
import { Rule } from "../rules/rule";
import { readAlgorithm } from "./algorithm";
import { readPinCookie } from "./pin-cookie";
import { Field, Fields } from "./reader";
import { isToken, lowerCase } from "./token";

const STRATEGIES = ["pin", "route", "hash"];
const SOURCES = ["header", "client_ip"];

/** The rule, or null with a problem noted. */
export function readRule(field: Field): Rule | null {
  const fields = field.object();
  const name = fields.take("name").text("");
  const strategy = fields.exactlyOne(STRATEGIES);
  if (strategy < 0) {
    fields.end();
    return null;
  }
  const options = fields.take(STRATEGIES[strategy]).object();
  fields.end();
  const rule =
    strategy == 0 ? readPinCookie(options, name) : strategy == 1 ? readRoute(options, name) : readHash(options, name);
  options.end();
  return rule;
}

function readRoute(fields: Fields, name: string): Rule | null {
  const source = readSource(fields);
  return source === null ? null : new RouteRule(named(name, "route", source), source);
}

function readHash(fields: Fields, name: string): Rule | null {
  const source = readSource(fields);
  const algorithm = readAlgorithm(fields);
  return source === null ? null : new HashRule(named(name, "hash", source), source, algorithm);
}

function named(name: string, strategy: string, source: Source): string {
  return name.length > 0 ? name : `${strategy}:${source.label}`;
}

function readSource(fields: Fields): Source | null {
  const kind = fields.exactlyOne(SOURCES);
  if (kind == 0) return readHeader(fields.take("header"));
  if (kind == 1) return readClientIp(fields.take("client_ip"));
  return null;
}

function readHeader(field: Field): Source {
  const name = field.text();
  if (name.length > 0 && !isToken(name)) field.expected("a header name");
  return new HeaderSource(lowerCase(name), name);
}

function readClientIp(field: Field): Source {
  const fields = field.object();
  const ipv4 = fields.take("ipv4_prefix").integer(1, 32, 32);
  const ipv6 = fields.take("ipv6_prefix").integer(1, 128, 128);
  fields.end();
  return new ClientIpSource(ipv4, ipv6);
}
