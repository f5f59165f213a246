// servers: the list in the configuration.
import { Text, indexOf, lenOf, part, NONE } from "../abi/slice";
import { decimal, parseIpv4, parseIpv6 } from "../identify/ip-address";
import { Servers } from "../servers/index";
import { Server } from "../servers/server";
import { Field } from "./reader";
import { Kind, quote } from "./value";

/** The largest weight, as in nginx's and HAProxy's lists. */
const HEAVIEST = 256;

/** As for the `id` of a server in HAProxy. */
const HIGHEST_NUMBER = 2147483647;

/** In the order of `State`. */
const STATES = ["up", "drain", "down"];

export function readServers(field: Field): Servers {
  const servers = new Array<Server>();
  const fields = field.list();
  if (fields.length == 0 && (field.value === null || field.value!.kind == Kind.List)) {
    field.expected("a list of at least one server");
  }
  for (let i = 0; i < fields.length; i++) {
    const server = readServer(fields[i]);
    refuseTwin(server, servers, fields[i]);
    servers.push(server);
  }
  numberServers(servers);
  return new Servers(StaticArray.fromArray(servers));
}

function readServer(field: Field): Server {
  const fields = field.object();
  const id = fields.take("id");
  const address = fields.take("address");
  const weight = fields.take("weight").integer(1, HEAVIEST, 1);
  const state = fields.take("state").oneOf(STATES, 0);
  const name = fields.take("name");
  const number = fields.take("number").integer(1, HIGHEST_NUMBER, 0);
  fields.end();
  const idText = id.text();
  if (idText.length > 0 && !fitsCookie(idText))
    id.expected("visible characters without quotes, comma, semicolon or backslash");
  const addressText = address.text();
  if (addressText.length > 0 && !isSocketAddress(addressText)) {
    address.expected("ip:port such as 10.0.0.1:8080 or [2001:db8::1]:8080");
  }
  return new Server(idText, addressText, weight, state, name.text(addressText), number);
}

/** Servers without a number get the next free one from their position on (as HAProxy's do). */
function numberServers(servers: Array<Server>): void {
  for (let i = 0, next = 1; i < servers.length; i++, next++) {
    if (servers[i].number != 0) continue;
    while (isTaken(next, servers)) next++;
    servers[i].number = next;
  }
}

function isTaken(number: i32, servers: Array<Server>): bool {
  for (let i = 0; i < servers.length; i++) if (servers[i].number == number) return true;
  return false;
}

function refuseTwin(server: Server, others: Array<Server>, field: Field): void {
  const id = server.id.toString();
  const address = server.address.toString();
  for (let i = 0; i < others.length; i++) {
    if (id.length > 0 && others[i].id.toString() == id) {
      field.problems.add(`${field.path}.id`, `expected an id of its own; ${quote(id)} is servers[${i}] too`);
    }
    if (server.number != 0 && others[i].number == server.number) {
      field.problems.add(`${field.path}.number`, `expected a number of its own; ${server.number} is servers[${i}] too`);
    }
    if (address.length > 0 && others[i].address.toString() == address) {
      field.problems.add(
        `${field.path}.address`,
        `expected an address of its own; ${quote(address)} is servers[${i}] too`,
      );
    }
  }
}

/** Only characters that RFC 6265 §4.1.1 allows in a cookie's value (cookie-octet). */
function fitsCookie(text: string): bool {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f || code == 0x22 || code == 0x2c || code == 0x3b || code == 0x5c) return false;
  }
  return true;
}

function isSocketAddress(address: string): bool {
  const text = new Text(address).slice;
  const isIpv6 = address.startsWith("[");
  const colon = isIpv6 ? indexOf(text, 0x5d) + 1 : indexOf(text, 0x3a);
  if (colon <= 0 || address.charCodeAt(colon) != 0x3a) return false;
  const port = decimal(part(text, colon + 1, lenOf(text)), 65535);
  const ip = isIpv6 ? parseIpv6(part(text, 1, colon - 1)) : parseIpv4(part(text, 0, colon));
  return port > 0 && ip != NONE;
}
