// Names to numbers, without garbage.
import { Slice, Text, equal } from "../abi/slice";
import { xxh64 } from "../choose/xxh64";

/** From a name to its index in a list: open addressing, at most half full. */
export class NameTable {
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

  /** Index of the name, or -1; the match is exact. */
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
