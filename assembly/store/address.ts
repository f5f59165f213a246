// Under which key the store keeps a session: a keyed hash of its id, 128 bits of SipHash, the same on
// every Envoy that has the same keys. Who reads the store learns no id, and cannot guess one either.
import { alloc } from "../abi/arena";
import { Slice, Text, literal, ptrOf, slice } from "../abi/slice";
import { SIP_KEY_SIZE, sipHash } from "../learn/siphash";
import { BLOCK_SIZE, chacha20Block } from "../token/chacha20";
import { KeyRing } from "../token/key-ring";

/** Tokens are sealed with the same keys and other nonces, and never count their blocks up to this one. */
const NONCE: Slice = literal("limpet.store");
const COUNTER: u32 = 0xffffffff;

/** Bytes of an address. */
export const ADDRESS_SIZE: i32 = 16;

/** Two keys for two hashes. */
const KEYS_SIZE: usize = 2 * SIP_KEY_SIZE;

export class Addresses {
  private keys: StaticArray<u8>;
  // What `find` found.
  low: u64 = 0;
  high: u64 = 0;

  /** `place` tells this rule's sessions from others of the same keys. */
  constructor(ring: KeyRing, place: Text) {
    this.keys = new StaticArray<u8>(ring.count * <i32>KEYS_SIZE);
    const block = alloc(BLOCK_SIZE);
    for (let i = 0; i < ring.count; i++) {
      chacha20Block(ring.key(i).at, COUNTER, ptrOf(NONCE), block);
      // A hash of the place under four keys is four halves of the place's own two.
      const own = this.keysAt(i);
      for (let j = 0; j < 4; j++) store<u64>(own + j * 8, sipHash(place.slice, block + j * SIP_KEY_SIZE));
    }
  }

  /** The address of a session by its id, under the key of that number. */
  find(id: Slice, key: i32): void {
    const keys = this.keysAt(key);
    this.low = sipHash(id, keys);
    this.high = sipHash(id, keys + SIP_KEY_SIZE);
  }

  private keysAt(index: i32): usize {
    return changetype<usize>(this.keys) + <usize>index * KEYS_SIZE;
  }
}

/** An address as bytes, in the arena. */
export function addressBytes(low: u64, high: u64): Slice {
  const bytes = alloc(ADDRESS_SIZE);
  store<u64>(bytes, low);
  store<u64>(bytes, high, 8);
  return slice(bytes, ADDRESS_SIZE);
}
