// Names to numbers, without garbage.
import { Slice, Text, equal } from "../abi/slice";
import { xxh64 } from "../choose/xxh64";

/** From a name to its index in a list: open addressing (linear probing), at most half full. */
export class NameTable {
  /** Index + 1; 0 is a free place. */
  private places: StaticArray<i32>;
  private mask: u32;

  /** The list, of which the first `count` names are in the table. */
  constructor(
    private names: StaticArray<Text>,
    count: i32 = names.length,
  ) {
    let size: u32 = 4;
    while (size < <u32>names.length * 2) size *= 2;
    this.places = new StaticArray<i32>(size);
    this.mask = size - 1;
    for (let i = 0; i < count; i++) this.insert(i);
  }

  /** Enters the name that the list has at that index. */
  insert(index: i32): void {
    let place = this.home(this.names[index].slice);
    while (this.places[place] != 0) place = (place + 1) & this.mask;
    this.places[place] = index + 1;
  }

  /** Takes a name out, while the list still has it; those behind it move up (Knuth, TAOCP 3, 6.4 algorithm R). */
  remove(index: i32): void {
    let hole = this.home(this.names[index].slice);
    while (this.places[hole] != index + 1) hole = (hole + 1) & this.mask;
    for (let place = (hole + 1) & this.mask; this.places[place] != 0; place = (place + 1) & this.mask) {
      const distance = (place - this.home(this.names[this.places[place] - 1].slice)) & this.mask;
      if (distance < ((place - hole) & this.mask)) continue;
      this.places[hole] = this.places[place];
      hole = place;
    }
    this.places[hole] = 0;
  }

  /** Index of the name, or -1; the match is exact. */
  find(name: Slice): i32 {
    let place = this.home(name);
    let index = unchecked(this.places[place]) - 1;
    while (index >= 0 && !equal(unchecked(this.names[index]).slice, name)) {
      place = (place + 1) & this.mask;
      index = unchecked(this.places[place]) - 1;
    }
    return index;
  }

  private home(name: Slice): u32 {
    return (<u32>xxh64(name, 0)) & this.mask;
  }
}
