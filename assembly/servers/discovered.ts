// The servers of one cluster as discovery found them: they come and go while streams are open. Each
// view is a list of its own; the indices that open streams hold are rewritten when it changes, and a
// server that has left stays behind the list, down, as long as a stream names it.
import { Slice, Text, equal, textOf } from "../abi/slice";
import { Stream, streamAt, streamPlaces } from "../abi/streams";
import { Points } from "../choose/points";
import { HEAVIEST, fitsCookie } from "../config/server-limits";
import { ViewReader } from "../discovery/view";
import { REPLACED_MOST, noteReplaced } from "./garbage";
import { Servers } from "./index";
import { NameTable } from "./name-table";
import { SeenServers } from "./seen";
import { Server, State } from "./server";

/** HAProxy's hashes want a number for each server; a place in the list would change with its neighbours. */
const NUMBERS: u64 = 0xfffff;

export class DiscoveredServers extends Servers {
  /** Until the first view: what sealed tokens name. */
  private seen: SeenServers | null = new SeenServers();
  private present: i32 = 0;
  /** A server that the view does not have has served, or is named by a sealed token. */
  metStranger: bool = false;
  /** How many do not tell what they are asked for. */
  incomplete: i32 = 0;
  private reader: ViewReader = new ViewReader();

  constructor(
    /** Endpoints should have an id that is not their address. */
    private wantsId: bool,
    /** And should tell which incarnation they are. */
    private wantsIncarnation: bool,
  ) {
    super([]);
  }

  /** Sealed tokens name addresses, which are good before the first view too. */
  get haveIds(): bool {
    return false;
  }

  get count(): i32 {
    return this.present;
  }

  at(index: i32): Server {
    const seen = this.seen;
    return seen === null ? super.at(index) : seen.at(index);
  }

  withAddress(address: Slice): i32 {
    const seen = this.seen;
    return seen === null ? super.withAddress(address) : seen.withAddress(address);
  }

  meet(address: Slice): i32 {
    const seen = this.seen;
    if (seen !== null) return seen.meet(address);
    const index = super.withAddress(address);
    if (index < 0) this.metStranger = true;
    return index;
  }

  /**
   * Takes a view, and tells the policy's open streams where their servers are now.
   * @param policy its address
   * @param naming bits, by number: which sessions of a stream name servers
   */
  follow(view: Slice, policy: usize, naming: i32): void {
    const list = this.inOrder(this.read(view));
    const next = new Next(list);
    for (let i: u32 = 0; i < streamPlaces(); i++) {
      const stream = streamAt(i);
      if (stream !== null && stream.policy == policy) this.rewrite(stream, naming, next);
    }
    this.present = list.length;
    this.setList(next.all());
    this.seen = null;
    this.metStranger = false;
    noteReplaced(REPLACED_MOST);
  }

  private rewrite(stream: Stream, naming: i32, next: Next): void {
    stream.asked = this.moved(stream.asked, next);
    for (let i = 0; i < stream.sessions; i++) {
      if (((naming >> i) & 1) == 0) continue;
      const session = stream.session(i);
      session.server = this.moved(session.server, next);
      session.named = this.moved(session.named, next);
    }
  }

  private moved(index: i32, next: Next): i32 {
    return index < 0 ? index : next.indexOf(this.at(index));
  }

  /** The view's servers; one that is as it was stays the same object. */
  private read(view: Slice): Array<Server> {
    let heaviest = 0;
    let count = 0;
    for (const all = this.reader.start(view); all.next(); count++) heaviest = max(heaviest, all.weight);
    let shift = 0;
    while (heaviest >> shift > HEAVIEST) shift++;
    const ids = new StaticArray<Text>(count);
    const addresses = new StaticArray<Text>(count);
    const knownIds = new NameTable(ids, 0);
    const knownAddresses = new NameTable(addresses, 0);
    const servers = new Array<Server>();
    this.incomplete = 0;
    for (const one = this.reader.start(view); one.next();) {
      if (knownAddresses.find(one.address) >= 0) continue;
      const index = servers.length;
      const server = this.server(one, max(one.weight >> shift, 1), knownIds);
      ids[index] = server.id;
      addresses[index] = server.address;
      knownIds.insert(index);
      knownAddresses.insert(index);
      servers.push(server);
    }
    return servers;
  }

  /** Of several endpoints with one id the first has it, the others have their addresses. */
  private server(endpoint: ViewReader, weight: i32, taken: NameTable): Server {
    const address = textOf(endpoint.address);
    const told = textOf(endpoint.id);
    const named = told.length > 0 && fitsCookie(told) && taken.find(endpoint.id) < 0;
    const id = named ? told : address;
    const incarnation = endpoint.incarnation;
    if ((this.wantsId && !named) || (this.wantsIncarnation && incarnation == 0)) this.incomplete++;
    const state = <State>endpoint.state;
    const index = this.seen === null ? super.withAddress(endpoint.address) : -1;
    const server = new Server(id, address, weight, state, address, 0, incarnation);
    server.number = <i32>(server.seed & NUMBERS) + 1;
    if (index < 0) return server;
    const known = super.at(index);
    if (known.incarnation != incarnation || !equal(known.id.slice, server.id.slice)) return server;
    if (known.weight == weight && known.state == state) return known;
    server.live = known.live;
    server.holdOff = known.holdOff;
    return server;
  }

  /** In an order that is not Envoy's, which differs between two Envoys, and with time. */
  private inOrder(servers: Array<Server>): StaticArray<Server> {
    const order = new Points(servers.length);
    for (let i = 0; i < servers.length; i++) order.add(<u32>servers[i].seed, i);
    order.sort();
    const list = new StaticArray<Server>(servers.length);
    for (let i = 0; i < list.length; i++) list[i] = servers[order.serverAt(i)];
    return list;
  }
}

/** The list that comes next, and behind it those that only open streams name. */
class Next {
  private table: NameTable;
  private departed: Array<Server> = [];

  constructor(private list: StaticArray<Server>) {
    const addresses = new StaticArray<Text>(list.length);
    for (let i = 0; i < list.length; i++) addresses[i] = list[i].address;
    this.table = new NameTable(addresses);
  }

  /** Where that server is from now on. */
  indexOf(server: Server): i32 {
    const index = this.table.find(server.address.slice);
    if (index >= 0 && this.list[index].isSame(server)) return index;
    for (let i = 0; i < this.departed.length; i++) {
      if (this.departed[i].isSame(server)) return this.list.length + i;
    }
    const address = server.address.toString();
    const gone = new Server(server.id.toString(), address, 1, State.Down, address, server.number, server.incarnation);
    this.departed.push(gone);
    return this.list.length + this.departed.length - 1;
  }

  all(): StaticArray<Server> {
    const all = new StaticArray<Server>(this.list.length + this.departed.length);
    for (let i = 0; i < all.length; i++) {
      all[i] = i < this.list.length ? this.list[i] : this.departed[i - this.list.length];
    }
    return all;
  }
}
