// A view: the endpoints of one cluster as Envoy told them, in few bytes, which the workers share.
//
//   mark 4 | endpoints, each: weight 4 | incarnation 4 | state 1 | size of its address 1 | of its id 1 | address | id
//
// What is the id, and what tells one incarnation from another, the configuration has said.
import { NONE, Slice, lenOf, ptrOf, slice } from "../abi/slice";

/** Another format has another mark. */
const MARK: u32 = 0x32766d6c;
const MARK_SIZE: i32 = 4;
const INCARNATION: usize = 4;
const STATE: usize = 8;
const ADDRESS_SIZE: usize = 9;
const ID_SIZE: usize = 10;
const HEAD: i32 = 11;

/** Writes a view into memory of its own, which grows to what the largest needed. */
export class ViewWriter {
  private bytes: usize = heap.alloc(MARK_SIZE);
  private capacity: i32 = MARK_SIZE;
  private length: i32 = 0;

  begin(): this {
    store<u32>(this.bytes, MARK);
    this.length = MARK_SIZE;
    return this;
  }

  /** Where the next endpoint will stand; `backTo` this place takes those behind it out again. */
  get place(): i32 {
    return this.length;
  }

  backTo(place: i32): void {
    this.length = place;
  }

  /** Appends an endpoint; `state` is a `State`, each text has at most 255 bytes; no id is an empty one, no incarnation 0. */
  add(address: Slice, id: Slice, incarnation: u32, weight: i32, state: i32): void {
    const size = HEAD + lenOf(address) + lenOf(id);
    if (this.length + size > this.capacity) {
      this.capacity = (this.length + size) * 2;
      this.bytes = heap.realloc(this.bytes, this.capacity);
    }
    const at = this.bytes + this.length;
    store<i32>(at, weight);
    store<u32>(at, incarnation, INCARNATION);
    store<u8>(at + STATE, <u8>state);
    store<u8>(at + ADDRESS_SIZE, <u8>lenOf(address));
    store<u8>(at + ID_SIZE, <u8>lenOf(id));
    memory.copy(at + HEAD, ptrOf(address), lenOf(address));
    memory.copy(at + HEAD + lenOf(address), ptrOf(id), lenOf(id));
    this.length += size;
  }

  /** The view, or NONE if it has no endpoint; good until the next one is begun. */
  end(): Slice {
    return this.length == MARK_SIZE ? NONE : slice(this.bytes, this.length);
  }
}

/** The address of the endpoint that stands there. */
export function addressAt(at: usize): Slice {
  return slice(at + HEAD, load<u8>(at + ADDRESS_SIZE));
}

/** Walks the endpoints: `while (reader.next()) { reader.address ... }`. */
export class ViewReader {
  /** Where the next endpoint stands. */
  at: usize = 0;
  private end: usize = 0;
  address: Slice = NONE;
  id: Slice = NONE;
  incarnation: u32 = 0;
  weight: i32 = 0;
  state: i32 = 0;

  /** Starts before the first endpoint; NONE, and another format, have none. */
  start(view: Slice): this {
    const isView = lenOf(view) > MARK_SIZE && load<u32>(ptrOf(view)) == MARK;
    this.at = ptrOf(view) + MARK_SIZE;
    this.end = isView ? ptrOf(view) + lenOf(view) : this.at;
    return this;
  }

  next(): bool {
    const at = this.at;
    if (at >= this.end) return false;
    this.weight = load<i32>(at);
    this.incarnation = load<u32>(at, INCARNATION);
    this.state = load<u8>(at + STATE);
    this.address = addressAt(at);
    this.id = slice(at + HEAD + lenOf(this.address), load<u8>(at + ID_SIZE));
    this.at = at + HEAD + lenOf(this.address) + lenOf(this.id);
    return true;
  }
}
