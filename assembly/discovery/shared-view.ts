// What the workers share of one policy's discovery: the last good view, and a record that tells when
// the next poll is due and which version the view has. Whoever moves the due time on, by a
// compare-and-swap, has that poll: there is no leader, so none can die.
//
//   record: due 8, milliseconds since the epoch | version 4
import { share, shareNext, sharedData } from "../abi/shared-data";
import { Slice, Text, equal, lenOf, ptrOf, slice } from "../abi/slice";
import { xxh64 } from "../choose/xxh64";

const VERSION: i32 = 8;
const RECORD_SIZE: i32 = 12;

/** Another format has another mark. */
const RECORD_MARK: u32 = 0x31646d6c;
const VIEW_MARK: u32 = 0x32766d6c;
const KEY_SIZE: i32 = 12;

const record: usize = memory.data(12, 8);
const key: usize = memory.data(12, 8);

export class SharedView {
  /** As `look` saw them last. */
  due: u64 = 0;
  version: u32 = 0;
  private name: u64;

  /** @param kind what the endpoints' ids are: views with others are others */
  constructor(policy: string, cluster: Text, kind: u64) {
    this.name = xxh64(cluster.slice, xxh64(new Text(policy).slice, kind));
  }

  /** Reads the record (returns bytes). */
  look(): void {
    const bytes = sharedData(this.key(RECORD_MARK));
    const known = lenOf(bytes) == RECORD_SIZE;
    this.due = known ? load<u64>(ptrOf(bytes)) : 0;
    this.version = known ? load<u32>(ptrOf(bytes), VERSION) : 0;
  }

  /** Moves the due time on from what was seen; false if another worker was first. */
  claim(due: u64): bool {
    return this.write(due, this.version);
  }

  /** The view (returns bytes), NONE if there is none. */
  get view(): Slice {
    return sharedData(this.key(VIEW_MARK));
  }

  /** Shares a view, unless it is the one that is shared already. Returns bytes. */
  publish(view: Slice): void {
    if (equal(this.view, view)) return;
    share(this.key(VIEW_MARK), view);
    do this.look();
    while (!this.write(this.due, this.version + 1));
  }

  private write(due: u64, version: u32): bool {
    store<u64>(record, due);
    store<u32>(record, version, VERSION);
    return shareNext(this.key(RECORD_MARK), slice(record, RECORD_SIZE));
  }

  private key(mark: u32): Slice {
    store<u32>(key, mark, 8);
    store<u64>(key, this.name);
    return slice(key, KEY_SIZE);
  }
}
