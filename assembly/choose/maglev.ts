// Maglev's lookup table (Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load
// Balancer", NSDI 2016, §3.4): a key is looked up in one step, however many servers there are. Each
// server has its own permutation of the entries, and the servers take turns to claim them.
//
// One thing is not the paper's: a server whose entry is taken waits for its next turn, where the paper
// lets it go on to its next free one. No claim depends on who else is there then, so a change moves
// only what it must; the paper's table is more even, and moves more than twice as much with 200 servers
// in 65537 entries. A server's share is off by about sqrt(servers / table_size).
import { Slice } from "../abi/slice";
import { Servers } from "../servers/index";
import { Circle } from "./circle";
import { Points } from "./points";
import { avalanche, xxh64 } from "./xxh64";

const FREE: i32 = -1;

export class Maglev extends Circle {
  private entries: StaticArray<i32>;

  /** @param size a prime: each permutation steps through all entries. */
  constructor(size: i32) {
    super();
    this.entries = new StaticArray<i32>(size);
  }

  protected fill(servers: Servers): void {
    const size = <u32>this.entries.length;
    const turns = turnsOf(servers);
    const next = new StaticArray<u32>(turns.count);
    const steps = new StaticArray<u32>(turns.count);
    for (let i = 0; i < turns.count; i++) {
      const hash = avalanche(turns.hashAt(i));
      next[i] = <u32>(hash % size);
      steps[i] = <u32>((hash >> 32) % (size - 1)) + 1;
    }
    this.entries.fill(FREE);
    for (let left = turns.count > 0 ? size : 0; left > 0;) {
      for (let i = 0; i < turns.count; i++) {
        const entry = unchecked(next[i]);
        const behind = entry + unchecked(steps[i]);
        unchecked((next[i] = behind < size ? behind : behind - size));
        if (unchecked(this.entries[entry]) != FREE) continue;
        unchecked((this.entries[entry] = turns.serverAt(i)));
        left--;
      }
    }
  }

  protected get places(): i32 {
    return this.entries.length;
  }

  protected placeOf(key: Slice): i32 {
    return <i32>(xxh64(key, 0) % <u64>this.entries.length);
  }

  protected serverAt(place: i32): i32 {
    return unchecked(this.entries[place]);
  }
}

/** A round: a turn for each unit of weight, in an order that is nobody's list's. */
function turnsOf(servers: Servers): Points {
  let count = 0;
  for (let i = 0; i < servers.count; i++) if (servers.at(i).takesNew) count += servers.at(i).weight;
  const turns = new Points(count);
  for (let i = 0; i < servers.count; i++) {
    const server = servers.at(i);
    if (!server.takesNew) continue;
    for (let j = 0; j < server.weight; j++) turns.add(<u32>avalanche(server.seed + j), i);
  }
  turns.sort();
  return turns;
}
