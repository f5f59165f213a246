// Servers without a list: those whose endpoints Envoy or a sealed token has named. Their places are
// limited; where all are taken, the server that was not met for longest makes room.
import { NONE, Slice, Text, textOf } from "../abi/slice";
import { packEndpoint } from "../token/endpoint";
import { noteReplaced } from "./garbage";
import { Servers } from "./index";
import { NameTable } from "./name-table";
import { Server, State } from "./server";

const PLACE_BITS: i32 = 12;
/** How many servers are known at once. */
export const MOST_SEEN: i32 = 1 << PLACE_BITS;

/** An index is a place and, above it, how often the place was given away: it never means another server. */
export class SeenServers extends Servers {
  private servers: StaticArray<Server> = new StaticArray<Server>(MOST_SEEN);
  private addresses: StaticArray<Text> = new StaticArray<Text>(MOST_SEEN);
  private generations: StaticArray<i32> = new StaticArray<i32>(MOST_SEEN);
  private met: StaticArray<u32> = new StaticArray<u32>(MOST_SEEN);
  private meetings: u32 = 0;
  private taken: i32 = 0;
  private table: NameTable = new NameTable([]);
  /** Who lost its place. */
  private gone: Server = new Server("-", "", 1, State.Down);

  constructor() {
    super([]);
    for (let i = 0; i < MOST_SEEN; i++) {
      this.servers[i] = this.gone;
      this.addresses[i] = this.gone.address;
    }
    this.table = new NameTable(this.addresses, 0);
  }

  get haveIds(): bool {
    return false;
  }

  at(index: i32): Server {
    const place = index & (MOST_SEEN - 1);
    return index == this.indexOf(place) ? unchecked(this.servers[place]) : this.gone;
  }

  withId(id: Slice): i32 {
    return this.withAddress(id);
  }

  withAddress(address: Slice): i32 {
    const place = this.table.find(address);
    return place < 0 ? -1 : this.indexOf(place);
  }

  meet(address: Slice): i32 {
    let place = this.table.find(address);
    if (place < 0) {
      if (packEndpoint(address) == NONE) return -1;
      place = this.give(textOf(address));
    }
    unchecked((this.met[place] = ++this.meetings));
    return this.indexOf(place);
  }

  private give(address: string): i32 {
    const isFree = this.taken < MOST_SEEN;
    const place = isFree ? this.taken++ : this.longestUnmet();
    if (!isFree) {
      this.table.remove(place);
      this.generations[place] = (this.generations[place] + 1) & (i32.MAX_VALUE >> PLACE_BITS);
      noteReplaced(1);
    }
    const server = new Server(address, address);
    this.servers[place] = server;
    this.addresses[place] = server.address;
    this.table.insert(place);
    return place;
  }

  private longestUnmet(): i32 {
    let longest = 0;
    for (let i = 1; i < MOST_SEEN; i++) {
      if (this.meetings - unchecked(this.met[i]) > this.meetings - unchecked(this.met[longest])) longest = i;
    }
    return longest;
  }

  private indexOf(place: i32): i32 {
    return (unchecked(this.generations[place]) << PLACE_BITS) | place;
  }
}
