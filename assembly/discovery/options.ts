// What discovery is told.
import { Text } from "../abi/slice";
import { DiscoveredServers } from "../servers/discovered";

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
    readonly servers: DiscoveredServers,
  ) {}
}
