// Reads a header map in the form in which the host hands it over (spec: serialised map): the count
// and the sizes as u32, little-endian, then each name and value with a NUL byte behind it.
import { NONE, Slice, lenOf, ptrOf, slice } from "./slice";

/** Walks the fields in order: `while (cursor.next()) { cursor.name ... cursor.value }`. */
export class HeaderCursor {
  private sizes: usize = 0;
  private data: usize = 0;
  private left: u32 = 0;
  name: Slice = NONE;
  value: Slice = NONE;

  /** Starts before the first field; NONE has no fields. */
  start(pairs: Slice): this {
    const base = ptrOf(pairs);
    this.left = lenOf(pairs) >= 4 ? load<u32>(base) : 0;
    this.sizes = base + 4;
    this.data = base + 4 + <usize>this.left * 8;
    return this;
  }

  next(): bool {
    if (this.left == 0) return false;
    this.left--;
    const nameSize = load<u32>(this.sizes);
    const valueSize = load<u32>(this.sizes, 4);
    this.sizes += 8;
    this.name = slice(this.data, nameSize);
    this.value = slice(this.data + nameSize + 1, valueSize);
    this.data += nameSize + valueSize + 2;
    return true;
  }
}
