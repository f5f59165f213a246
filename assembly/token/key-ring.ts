// The keys that seal tokens. The first seals, all open: a key is changed without a lost session by
// adding it behind the others on every Envoy, then moving it to the front, then removing the old one.
import { Slice, Text, equal, ptrOf, slice } from "../abi/slice";
import { xxh64 } from "../choose/xxh64";
import { KEY_SIZE } from "./chacha20";

export class Key {
  private bytes: StaticArray<u8> = new StaticArray<u8>(KEY_SIZE);

  constructor(
    /** How errors call it. */
    readonly id: string,
    /** What a token says of its key, so that not every key has to be tried. */
    readonly hint: u16,
    /** 32 bytes, copied. */
    bytes: Slice,
  ) {
    memory.copy(changetype<usize>(this.bytes), ptrOf(bytes), KEY_SIZE);
  }

  /** A key with the hint that goes with its id. */
  static named(id: string, bytes: Slice): Key {
    return new Key(id, <u16>xxh64(new Text(id).slice, 0), bytes);
  }

  get slice(): Slice {
    return slice(changetype<usize>(this.bytes), KEY_SIZE);
  }

  /** Where its bytes are. */
  get at(): usize {
    return changetype<usize>(this.bytes);
  }
}

export class KeyRing {
  private keys: Array<Key> = [];
  /** Something is sealed with it: it must not stay empty. */
  wanted: bool = false;

  add(key: Key): void {
    this.keys.push(key);
  }

  get count(): i32 {
    return this.keys.length;
  }

  key(index: i32): Key {
    return unchecked(this.keys[index]);
  }

  /** The key of that id, or null. */
  withId(id: string): Key | null {
    for (let i = 0; i < this.count; i++) if (this.key(i).id == id) return this.key(i);
    return null;
  }

  /** The key of these bytes, or null. */
  withBytes(bytes: Slice): Key | null {
    for (let i = 0; i < this.count; i++) if (equal(this.key(i).slice, bytes)) return this.key(i);
    return null;
  }
}
