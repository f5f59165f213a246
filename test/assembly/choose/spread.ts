// Servers, and where an algorithm sends keys.
import { Slice, slice } from "../../../assembly/abi/slice";
import { Algorithm } from "../../../assembly/choose/algorithm";
import { Candidates } from "../../../assembly/choose/candidates";
import { Servers } from "../../../assembly/servers/index";
import { Server, State } from "../../../assembly/servers/server";

/** Up, and of weight 1 unless told: S1, S2, ... in the order of their numbers. */
export function serversOf(weights: i32[]): Servers {
  const list = new StaticArray<Server>(weights.length);
  for (let i = 0; i < weights.length; i++) list[i] = numbered(i + 1, weights[i], State.Up);
  return new Servers(list);
}

export function equalServers(count: i32): Servers {
  return serversOf(new Array<i32>(count).fill(1));
}

export function numbered(number: i32, weight: i32, state: State): Server {
  return new Server(`S${number}`, address(number), weight, state, address(number), number);
}

function address(number: i32): string {
  return `10.0.0.${number}:8080`;
}

/** The same servers, with one in another state. */
export function withState(servers: Servers, index: i32, state: State): Servers {
  const list = new StaticArray<Server>(servers.count);
  for (let i = 0; i < servers.count; i++) {
    const server = servers.at(i);
    list[i] = i == index ? numbered(server.number, server.weight, state) : server;
  }
  return new Servers(list);
}

/** `count` keys that differ, each good as an IPv4 address too. */
export function keysOf(count: i32): StaticArray<Slice> {
  const keys = new StaticArray<Slice>(count);
  for (let i = 0; i < count; i++) {
    const at = heap.alloc(4);
    store<u32>(at, bswap<u32>(0x0a000000 + <u32>i * 40503));
    keys[i] = slice(at, 4);
  }
  return keys;
}

const candidates = new Candidates();

/** The numbers of the key's first servers, as many as wanted, or fewer. */
export function ranked(algorithm: Algorithm, key: Slice, servers: Servers, wanted: i32): i32[] {
  candidates.clear(wanted);
  algorithm.rank(key, servers, candidates);
  const numbers = new Array<i32>();
  for (let i = 0; i < candidates.count; i++) numbers.push(servers.at(candidates.at(i)).number);
  return numbers;
}

/** The number of each key's first server, 0 where it has none. */
export function spread(algorithm: Algorithm, keys: StaticArray<Slice>, servers: Servers): StaticArray<i32> {
  const numbers = new StaticArray<i32>(keys.length);
  for (let i = 0; i < keys.length; i++) {
    candidates.clear(1);
    algorithm.rank(keys[i], servers, candidates);
    numbers[i] = candidates.count == 0 ? 0 : servers.at(candidates.at(0)).number;
  }
  return numbers;
}

/** How many keys are on the server of that number. */
export function countOf(numbers: StaticArray<i32>, number: i32): i32 {
  let count = 0;
  for (let i = 0; i < numbers.length; i++) if (numbers[i] == number) count++;
  return count;
}
