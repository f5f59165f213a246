// What discovery is told.
import { Slice, Text, lenOf } from "../abi/slice";
import { xxh64 } from "../choose/xxh64";
import { DiscoveredServers } from "../servers/discovered";

/** What of an endpoint is read as its id, or as its incarnation. Any other number is of metadata, see `metadataName`. */
export const BY_HOSTNAME: u64 = 0;
export const BY_ADDRESS: u64 = 1;

/** What a key in a namespace of an endpoint's metadata is called: by its bytes, in one number. */
export function metadataName(key: Slice, namespace: u64): u64 {
  return xxh64(key, namespace);
}

export function isMetadata(name: u64): bool {
  return name > BY_ADDRESS;
}

/** A number that tells a text from others; 0 for an empty one: not known. */
export function incarnationOf(text: Slice): u32 {
  return lenOf(text) == 0 ? 0 : max(<u32>xxh64(text, 0), 1);
}

export class DiscoveryOptions {
  constructor(
    readonly adminCluster: Text,
    readonly cluster: Text,
    /** Milliseconds: the longest time between two polls. */
    readonly interval: u32,
    /** By how much of the interval a poll may come earlier, at random. */
    readonly jitter: f64,
    /** Milliseconds. */
    readonly timeout: u32,
    /** What an endpoint's id is. */
    readonly id: u64,
    /** What tells it from another that had its address. */
    readonly incarnation: u64,
    readonly servers: DiscoveredServers,
  ) {}

  get needsMetadata(): bool {
    return isMetadata(this.id) || isMetadata(this.incarnation);
  }
}
