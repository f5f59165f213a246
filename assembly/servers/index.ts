// The servers that a policy knows, found by id and by address without garbage. Where they come
// from is not the rules' business: a rule asks a `Servers` only.
import { Slice, Text } from "../abi/slice";
import { NameTable } from "./name-table";
import { Server } from "./server";

export class Servers {
  private byId: NameTable = new NameTable([]);
  private byAddress: NameTable = new NameTable([]);

  constructor(private list: StaticArray<Server>) {
    this.setList(list);
  }

  protected setList(list: StaticArray<Server>): void {
    const ids = new StaticArray<Text>(list.length);
    const addresses = new StaticArray<Text>(list.length);
    for (let i = 0; i < list.length; i++) {
      ids[i] = list[i].id;
      addresses[i] = list[i].address;
    }
    this.byId = new NameTable(ids);
    this.byAddress = new NameTable(addresses);
    this.list = list;
  }

  /** True if they have ids; without, a server is nothing but its address. */
  get haveIds(): bool {
    return true;
  }

  /** How many there are to choose from: those at the indices below. */
  get count(): i32 {
    return this.list.length;
  }

  /** How many have an index: those, and behind them the ones that only open streams name. */
  get size(): i32 {
    return this.list.length;
  }

  at(index: i32): Server {
    return unchecked(this.list[index]);
  }

  /** Index of the server with that id, or -1. The match is exact. */
  withId(id: Slice): i32 {
    return this.byId.find(id);
  }

  /** Index of the server at `ip:port`, or -1. */
  withAddress(address: Slice): i32 {
    return this.byAddress.find(address);
  }

  /** Index of the server at `ip:port`, which exists, as Envoy or a sealed token says; -1 if it is none of these. */
  meet(address: Slice): i32 {
    return this.withAddress(address);
  }
}
