// servers.discover: Envoy tells the servers.
import { Text } from "../abi/slice";
import { DiscoveryOptions } from "../discovery/options";
import { DiscoveredServers } from "../servers/discovered";
import { Field } from "./reader";

const IDS = ["hostname", "address"];

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
  const byHostname = fields.take("id").oneOf(IDS, 0) == 0;
  fields.end();
  const servers = new DiscoveredServers(byHostname);
  return new DiscoveryOptions(
    new Text(adminCluster),
    new Text(cluster),
    <u32>interval * 1000,
    jitter,
    <u32>timeout * 1000,
    servers,
  );
}
