// pin, cluster: what the token looks like, and how it travels.
import { Text } from "../abi/slice";
import { ApplicationCookie } from "../carry/application-cookie";
import { Carrier } from "../carry/carrier";
import { InsertedCookie } from "../carry/inserted-cookie";
import { ReadOnly } from "../carry/read-only";
import { Place } from "../carry/request-cookie";
import { TokenHeader } from "../carry/token-header";
import { WrappedHeader } from "../carry/wrapped-header";
import { HeaderSource } from "../identify/header";
import { PathSource, QuerySource } from "../identify/parameters";
import { ClusterRule } from "../rules/cluster";
import { PinRule } from "../rules/pin";
import { Rule } from "../rules/rule";
import { Servers } from "../servers/index";
import { Server, State } from "../servers/server";
import { Token } from "../token/token";
import { Fields } from "./reader";
import { Sealing } from "./sealing";
import { readCookieName, readSetCookie } from "./set-cookie";
import { readName } from "./source";
import { lowerCase } from "./token";
import { readToken } from "./token-value";

const CARRIERS = ["cookie", "header", "query", "path"];

const COOKIE_MODES = ["insert", "rewrite", "prefix"];
const INSERT = 0;
const REWRITE = 1;

const HEADER_MODES = ["own", "prefix"];

/** A token and how it travels. */
class Pin {
  constructor(
    /** The rule's name. */
    readonly name: string,
    readonly cookie: string,
    readonly token: Token,
    readonly carrier: Carrier,
  ) {}
}

/** The rule, or null with a problem noted. */
export function readPinRule(fields: Fields, ruleName: string, sealing: Sealing): Rule | null {
  const pin = readPin(fields, "pin", ruleName, sealing);
  if (pin === null) return null;
  const rule = new PinRule(pin.name, pin.token, pin.carrier);
  rule.cookie = pin.cookie;
  return rule;
}

/** The rule, or null with a problem noted. */
export function readClusterRule(fields: Fields, ruleName: string, sealing: Sealing): Rule | null {
  const header = lowerCase(readName(fields.take("route_header"), "a header name"));
  const clusters = new Array<Server>();
  const names = fields.take("clusters").some("cluster");
  for (let i = 0; i < names.length; i++) clusters.push(new Server(names[i].text(), "", 1, State.Up));
  const pin = readPin(fields, "cluster", ruleName, sealing);
  if (pin === null) return null;
  const servers = new Servers(StaticArray.fromArray(clusters));
  const rule = new ClusterRule(pin.name, pin.token, pin.carrier, servers, new Text(header));
  rule.cookie = pin.cookie;
  return rule;
}

/** A rule without a name is called by its strategy, and the name of its cookie, header or parameter. */
function readPin(parent: Fields, strategy: string, ruleName: string, sealing: Sealing): Pin | null {
  const kind = parent.exactlyOne(CARRIERS);
  if (kind < 0) return null;
  const fields = parent.take(CARRIERS[kind]).object();
  const nameField = fields.take("name");
  const name = kind == 0 ? readCookieName(nameField) : readName(nameField, "a header or parameter name");
  const label = ruleName.length > 0 ? ruleName : `${strategy}:${name}`;
  // A token that names a cluster is read where the request has none yet.
  const place = [CARRIERS[kind], name, sealing.policy, label];
  const token = readToken(fields, sealing.keys, place, strategy == "pin");
  let carrier: Carrier;
  if (kind == 0) carrier = readCookie(fields, name);
  else if (kind == 1) carrier = readHeader(fields, name);
  else carrier = readParameter(fields, kind == 2, name);
  if (!fields.take("write").boolean(true)) carrier = new ReadOnly(carrier);
  fields.end();
  return new Pin(label, kind == 0 ? name : "", token, carrier);
}

function readCookie(fields: Fields, name: string): Carrier {
  const mode = fields.take("mode").oneOf(COOKIE_MODES, INSERT);
  if (mode != INSERT) return new ApplicationCookie(new Text(name), mode == REWRITE ? Place.Whole : Place.Prefix);
  const indirect = fields.take("indirect").boolean(true);
  const nocache = fields.take("nocache").boolean(true);
  const preserve = fields.take("preserve").boolean(false);
  const postonly = fields.take("postonly").boolean(false);
  return new InsertedCookie(readSetCookie(fields, name), indirect, nocache, preserve, postonly);
}

function readHeader(fields: Fields, name: string): Carrier {
  const header = new Text(lowerCase(name));
  if (fields.take("mode").oneOf(HEADER_MODES, 0) == 1) return new WrappedHeader(header);
  return new TokenHeader(new HeaderSource(lowerCase(name), name), header, fields.take("indirect").boolean(true));
}

/** The client learns its token from a response header, and brings it as a parameter. */
function readParameter(fields: Fields, isQuery: bool, name: string): Carrier {
  const header = readName(fields.take("response_header"), "a header name");
  const source = isQuery ? new QuerySource(name) : new PathSource(name);
  return new TokenHeader(source, new Text(lowerCase(header)), false);
}
