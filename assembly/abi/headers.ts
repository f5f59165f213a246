// A header map in the form in which the host hands it over, and takes it (spec: serialised map): the
// count and the sizes as u32, little-endian, then each name and value with a NUL byte behind it.
import { alloc } from "./arena";
import { NONE, Slice, equal, lenOf, ptrOf, slice } from "./slice";

/** Walks the fields in order: `while (cursor.next()) { cursor.name ... cursor.value }`, or those of one name. */
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

  /** Goes on to the next field of that name, which is lower-case, as Envoy's are; false if there is none. */
  nextOf(name: Slice): bool {
    let sizes = this.sizes;
    let data = this.data;
    for (let left = this.left; left > 0; left--) {
      const nameSize = load<u32>(sizes);
      const valueSize = load<u32>(sizes, 4);
      const field = slice(data, nameSize);
      sizes += 8;
      data += nameSize + valueSize + 2;
      if (!equal(field, name)) continue;
      this.left = left - 1;
      this.sizes = sizes;
      this.data = data;
      this.name = field;
      this.value = slice(data - valueSize - 1, valueSize);
      return true;
    }
    return false;
  }
}

/** Writes header fields: names and values in turn, in the arena. */
export function headerList(texts: StaticArray<Slice>): Slice {
  let size = 4;
  for (let i = 0; i < texts.length; i++) size += 4 + lenOf(texts[i]) + 1;
  const list = alloc(size);
  store<u32>(list, texts.length / 2);
  let data = list + 4 + <usize>texts.length * 4;
  for (let i = 0; i < texts.length; i++) {
    const length = lenOf(texts[i]);
    store<u32>(list + 4 + <usize>i * 4, length);
    memory.copy(data, ptrOf(texts[i]), length);
    store<u8>(data + length, 0);
    data += length + 1;
  }
  return slice(list, size);
}
