// Where a session's name comes from: one of these fields in a rule, or a list of them.
import { ClientIpSource } from "../identify/client-ip";
import { CookieSource } from "../identify/cookie";
import { FirstOf } from "../identify/first-of";
import { HeaderSource } from "../identify/header";
import { PathSource, QuerySource } from "../identify/parameters";
import { PropertySource } from "../identify/property";
import { Source } from "../identify/source";
import { Field, Fields } from "./reader";
import { isToken, isVisible, lowerCase } from "./token";

const FIRST_OF = "first_of";
const SOURCES = ["cookie", "header", "query", "path", "client_ip", "property", "cookie_prefix"];

/** The source among the fields of a rule, or null with a problem noted. */
export function readSource(fields: Fields): Source | null {
  const kind = fields.exactlyOne(SOURCES.concat([FIRST_OF]));
  if (kind < 0) return null;
  return kind == SOURCES.length ? readFirstOf(fields.take(FIRST_OF)) : readKind(kind, fields.take(SOURCES[kind]));
}

function readFirstOf(field: Field): Source | null {
  const list = field.some("source");
  const sources = new Array<Source>();
  for (let i = 0; i < list.length; i++) {
    const fields = list[i].object();
    const kind = fields.exactlyOne(SOURCES);
    if (kind >= 0) sources.push(readKind(kind, fields.take(SOURCES[kind])));
    fields.end();
  }
  return sources.length == 0 ? null : new FirstOf(StaticArray.fromArray(sources));
}

/** `kind` is an index in SOURCES. */
function readKind(kind: i32, field: Field): Source {
  switch (kind) {
    case 0:
      return new CookieSource(readName(field, "a cookie name: a token (RFC 6265)"));
    case 1: {
      const name = readName(field, "a header name");
      return new HeaderSource(lowerCase(name), name);
    }
    case 2:
      return new QuerySource(readParameter(field));
    case 3:
      return new PathSource(readParameter(field));
    case 4:
      return readClientIp(field);
    case 5:
      return readProperty(field);
    default:
      return new CookieSource(readName(field, "the beginning of a cookie name"), true);
  }
}

/** A name that HTTP allows for fields and cookies. */
export function readName(field: Field, what: string): string {
  const name = field.text();
  if (name.length > 0 && !isToken(name)) field.expected(what);
  return name;
}

/** A parameter's name as it stands in the request's target. */
function readParameter(field: Field): string {
  const name = field.text();
  if (name.length > 0 && (!isVisible(name) || name.includes("=") || name.includes("&") || name.includes(";"))) {
    field.expected("a parameter name, as it is written in the address");
  }
  return name;
}

function readClientIp(field: Field): Source {
  const fields = field.object();
  const ipv4 = fields.take("ipv4_prefix").integer(1, 32, 32);
  const ipv6 = fields.take("ipv6_prefix").integer(1, 128, 128);
  fields.end();
  return new ClientIpSource(ipv4, ipv6);
}

function readProperty(field: Field): Source {
  return new PropertySource(readPropertyPath(field));
}

/** The segments of `a.b.c`, or of a list where one of them has a dot. */
export function readPropertyPath(field: Field): Array<string> {
  const texts = field.texts();
  if (texts.length == 0) field.expected("a property, such as connection.requested_server_name");
  return texts.length == 1 ? segments(texts[0]) : texts;
}

/** Without the library's `split`, which takes 400 bytes of the module. */
function segments(text: string): Array<string> {
  const parts = new Array<string>();
  let from = 0;
  for (let dot = text.indexOf("."); dot >= 0; dot = text.indexOf(".", from)) {
    parts.push(text.slice(from, dot));
    from = dot + 1;
  }
  parts.push(text.slice(from));
  return parts;
}
