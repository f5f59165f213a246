// servers: the list in the configuration.
import { Text, lenOf } from "../abi/slice";
import { Servers } from "../servers/index";
import { Server } from "../servers/server";
import { readAddress } from "./address";
import { Field } from "./reader";
import { HEAVIEST, LONGEST_ID, fitsCookie } from "./server-limits";
import { quote } from "./value";

/** As for the `id` of a server in HAProxy. */
const HIGHEST_NUMBER = 2147483647;

/** In the order of `State`. */
const STATES = ["up", "drain", "down"];

export function readServers(field: Field): Servers {
  const fields = field.some("server");
  const list = new StaticArray<Server>(fields.length);
  for (let i = 0; i < fields.length; i++) list[i] = readServer(fields[i]);
  const servers = new Servers(list);
  for (let i = 0; i < fields.length; i++) refuseTwin(i, servers, fields[i]);
  numberServers(list);
  return servers;
}

function readServer(field: Field): Server {
  const fields = field.object();
  const id = readId(fields.take("id"));
  const address = readAddress(fields.take("address"));
  const weight = fields.take("weight").integer(1, HEAVIEST, 1);
  const state = fields.take("state").oneOf(STATES, 0);
  const name = fields.take("name").text(address);
  const number = fields.take("number").integer(1, HIGHEST_NUMBER, 0);
  fields.end();
  return new Server(id, address, weight, state, name, number);
}

function readId(field: Field): string {
  const id = field.text();
  if (!fitsCookie(id)) {
    field.expected(`at most ${LONGEST_ID} visible characters without quotes, comma, semicolon or backslash`);
  }
  return id;
}

/** Servers without a number get the next free one from their position on (as HAProxy's do). */
function numberServers(servers: StaticArray<Server>): void {
  let areSomeNumbered = false;
  for (let i = 0; i < servers.length; i++) if (servers[i].number != 0) areSomeNumbered = true;
  for (let i = 0, next = 1; i < servers.length; i++, next++) {
    if (servers[i].number != 0) continue;
    while (areSomeNumbered && isTaken(next, servers)) next++;
    servers[i].number = next;
  }
}

function isTaken(number: i32, servers: StaticArray<Server>): bool {
  for (let i = 0; i < servers.length; i++) if (servers[i].number == number) return true;
  return false;
}

/** A name is found at the first server that has it. */
function refuseTwin(index: i32, servers: Servers, field: Field): void {
  const server = servers.at(index);
  const sameId = servers.withId(server.id.slice);
  if (sameId != index) refuse(field, "id", server.id, sameId);
  const sameAddress = servers.withAddress(server.address.slice);
  if (sameAddress != index) refuse(field, "address", server.address, sameAddress);
  if (server.number == 0) return;
  for (let i = 0; i < index; i++) {
    if (servers.at(i).number == server.number) refuse(field, "number", new Text(server.number.toString()), i);
  }
}

function refuse(field: Field, name: string, value: Text, twin: i32): void {
  // One that could not be read was complained of already.
  if (lenOf(value.slice) == 0) return;
  const problem = `expected one that no other server has; ${quote(value.toString())} is that of servers[${twin}]`;
  field.problems.add(`${field.path}.${name}`, problem);
}
