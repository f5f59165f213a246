// Memory of one callback: what the host hands over and what the filter builds for it. A bump
// allocator that starts again at each callback, so that a request leaves no garbage.
import { Slice, lenOf, ptrOf, slice } from "./slice";

const FIRST_BLOCK: usize = 64 * 1024;
const ALIGNMENT: usize = 8;

/** A block's first word links it to the one retired before it. */
const LINK: usize = ALIGNMENT;

let block: usize = 0;
let blockSize: usize = 0;
let used: usize = 0;
/** The blocks outgrown during this callback: their bytes are still in use until the next one. */
let retired: usize = 0;

/** Forgets everything that was allocated: called first in every callback. */
export function reset(): void {
  while (retired != 0) {
    const next = load<usize>(retired);
    heap.free(retired);
    retired = next;
  }
  used = LINK;
}

/**
 * `size` bytes that live until the next reset. A block that is too small is replaced by one twice
 * its size or more and kept, so memory settles at what the largest callback needed.
 */
export function alloc(size: usize): usize {
  const need = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
  if (block == 0 || used + need > blockSize) grow(need);
  const at = block + used;
  used += need;
  return at;
}

/** Where the arena stands, for `release`. */
export function mark(): usize {
  return block + used;
}

/** Forgets what was allocated since the mark, before the callback ends: for long loops. */
export function release(to: usize): void {
  // A block that came after the mark has nothing else in it.
  used = to >= block && to <= block + blockSize ? to - block : LINK;
}

function grow(need: usize): void {
  if (block != 0) {
    store<usize>(block, retired);
    retired = block;
  }
  blockSize = max(FIRST_BLOCK, max(blockSize * 2, LINK + need));
  block = heap.alloc(blockSize);
  used = LINK;
}

/** Builds one run of bytes at a time in the arena; only one may be open. */
export class Writer {
  private start: usize = 0;
  private at: usize = 0;

  /** Opens a run of at most `capacity` bytes. */
  begin(capacity: i32): this {
    this.start = alloc(<usize>capacity);
    this.at = this.start;
    return this;
  }

  put(bytes: Slice): this {
    const len = lenOf(bytes);
    memory.copy(this.at, ptrOf(bytes), len);
    this.at += len;
    return this;
  }

  putByte(byte: u8): this {
    store<u8>(this.at++, byte);
    return this;
  }

  get length(): i32 {
    return <i32>(this.at - this.start);
  }

  end(): Slice {
    return slice(this.start, this.length);
  }
}
