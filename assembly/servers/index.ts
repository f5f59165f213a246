// The servers that a policy knows, found by id and by address without garbage. Where they come
// from is not the rules' business: a rule asks a `Servers` only.
import { Slice, Text, equal } from "../abi/slice";
import { xxh64 } from "../choose/xxh64";
import { Server } from "./server";

export class Servers {
  private byId: NameTable;
  private byAddress: NameTable;

  constructor(readonly list: StaticArray<Server>) {
    const ids = new StaticArray<Text>(list.length);
    const addresses = new StaticArray<Text>(list.length);
    for (let i = 0; i < list.length; i++) {
      ids[i] = list[i].id;
      addresses[i] = list[i].address;
    }
    this.byId = new NameTable(ids);
    this.byAddress = new NameTable(addresses);
  }

  get count(): i32 {
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
}

/** From a name to its index: open addressing, at most half full. */
class NameTable {
  /** Index + 1; 0 is a free place. */
  private places: StaticArray<i32>;
  private mask: u32;

  constructor(private names: StaticArray<Text>) {
    let size: u32 = 4;
    while (size < <u32>names.length * 2) size *= 2;
    this.places = new StaticArray<i32>(size);
    this.mask = size - 1;
    for (let i = 0; i < names.length; i++) this.insert(i);
  }

  private insert(index: i32): void {
    let place = (<u32>xxh64(this.names[index].slice, 0)) & this.mask;
    while (this.places[place] != 0) place = (place + 1) & this.mask;
    this.places[place] = index + 1;
  }

  find(name: Slice): i32 {
    let place = (<u32>xxh64(name, 0)) & this.mask;
    let index = unchecked(this.places[place]) - 1;
    while (index >= 0 && !equal(unchecked(this.names[index]).slice, name)) {
      place = (place + 1) & this.mask;
      index = unchecked(this.places[place]) - 1;
    }
    return index;
  }
}
