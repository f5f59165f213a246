// servers.discover: Envoy tells the servers.
import { Text } from "../abi/slice";
import { BY_ADDRESS, BY_HOSTNAME, DiscoveryOptions, metadataName } from "../discovery/options";
import { DiscoveredServers } from "../servers/discovered";
import { Field } from "./reader";
import { Kind } from "./value";

/** In the order of `BY_HOSTNAME` and `BY_ADDRESS`. */
const IDS = ["hostname", "address"];
const INCARNATIONS = ["hostname"];

/** Where Envoy's load balancers look for theirs. */
const NAMESPACE = "envoy.lb";

const SHORTEST_INTERVAL = 1;
const LONGEST_INTERVAL = 3600;

export function readDiscovery(field: Field): DiscoveryOptions {
  const outer = field.object();
  const fields = outer.take("discover").object();
  outer.end();
  const adminCluster = fields.take("admin_cluster").text();
  const cluster = fields.take("cluster").text();
  const intervalField = fields.take("interval");
  const interval = intervalField.seconds(5);
  if (interval < SHORTEST_INTERVAL || interval > LONGEST_INTERVAL) intervalField.expected("1s to 1h");
  const jitter = fields.take("jitter").number(0, 1, 0.2);
  const timeoutField = fields.take("timeout");
  const timeout = timeoutField.seconds(1);
  if (timeout < 1 || timeout > interval) timeoutField.expected("1s to the interval");
  const id = readName(fields.take("id"), IDS, BY_HOSTNAME);
  // An address alone tells nothing apart.
  const incarnationField = fields.take("incarnation");
  const incarnation = readName(incarnationField, INCARNATIONS, id == BY_ADDRESS ? BY_HOSTNAME : id);
  fields.end();
  return new DiscoveryOptions(
    new Text(adminCluster),
    new Text(cluster),
    <u32>interval * 1000,
    jitter,
    <u32>timeout * 1000,
    id,
    incarnation,
    new DiscoveredServers(id != BY_ADDRESS, incarnationField.present),
  );
}

/** One of the words, or `{metadata: {namespace, key}}`. */
function readName(field: Field, words: string[], fallback: u64): u64 {
  const value = field.value;
  if (value === null) return fallback;
  if (value.kind != Kind.Object) {
    const word = words.indexOf(value.text);
    if (word < 0) field.expected(`one of ${words.join(", ")}, {metadata: {key: ...}}`);
    return max(word, 0);
  }
  const outer = field.object();
  const fields = outer.take("metadata").object();
  outer.end();
  const namespace = new Text(fields.take("namespace").text(NAMESPACE));
  const key = new Text(fields.take("key").text());
  fields.end();
  return metadataName(key.slice, metadataName(namespace.slice, 0));
}
