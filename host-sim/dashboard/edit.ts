/** A server more or less in an Envoy file: what its operator would write. */
import { type Document, isMap, isScalar, isSeq, type ParsedNode, visit, type YAMLMap, type YAMLSeq } from "yaml";
import { type HostPort, mapsUnder } from "../cli/layout.js";

export interface Edit {
  /** The new file; the one before is as it was. */
  document: Document;
  /** The cluster whose endpoints have changed. */
  cluster: string;
  /** Whether the filter's configuration has changed too, with a list of servers in it. */
  listed: boolean;
}

/** The clusters that lead to no server of the application, but to Envoy's admin interface or to a store. */
export function helperClusters(document: Document): Set<unknown> {
  return new Set([
    ...mapsUnder(document, "store").map((store) => store.get("cluster")),
    ...mapsUnder(document, "discover").map((discover) => discover.get("admin_cluster")),
  ]);
}

/** The file with another endpoint in its first cluster of servers; undefined if no endpoints stand in the file. */
export function withServer(document: Document, { id, host, port }: HostPort & { id: string }): Edit | undefined {
  const edited = document.clone() as Document;
  for (const { cluster, endpoints } of served(edited)) {
    const lists = serverLists(edited, addressesIn(endpoints));
    const address = { socket_address: { address: host, port_value: port } };
    endpoints.add(edited.createNode({ endpoint: { hostname: id, address } }));
    for (const list of lists) list.add(edited.createNode({ id, address: `${host}:${port}` }));
    return { document: edited, cluster, listed: lists.length > 0 };
  }
  return undefined;
}

/** The file without the endpoint at that address; undefined if it does not stand in the file, or is its cluster's last. */
export function withoutServer(document: Document, address: string): Edit | undefined {
  const edited = document.clone() as Document;
  for (const { cluster, endpoints } of served(edited)) {
    const index = addressesIn(endpoints).indexOf(address);
    if (index < 0 || endpoints.items.length < 2) continue;
    const lists = serverLists(edited, [address]);
    endpoints.delete(index);
    for (const list of lists) list.items = list.items.filter((item) => !isMap(item) || item.get("address") !== address);
    return { document: edited, cluster, listed: lists.length > 0 };
  }
  return undefined;
}

/** The lists of endpoints of the clusters that lead to servers. */
function served(document: Document): { cluster: string; endpoints: YAMLSeq }[] {
  const helpers = helperClusters(document);
  return mapsUnder(document, "load_assignment").flatMap((assignment) => {
    const cluster = assignment.get("cluster_name");
    const localities = assignment.get("endpoints");
    if (helpers.has(cluster) || !isSeq(localities)) return [];
    return localities.items.flatMap((locality) => {
      const endpoints = isMap(locality) ? locality.get("lb_endpoints") : undefined;
      return isSeq(endpoints) ? [{ cluster: String(cluster), endpoints }] : [];
    });
  });
}

/** `ip:port` of each. */
function addressesIn(endpoints: YAMLSeq): string[] {
  const path = ["endpoint", "address", "socket_address"];
  return endpoints.items.map((item) => {
    const at = (name: string) => (item as YAMLMap<string, ParsedNode>).getIn([...path, name]);
    return `${at("address")}:${at("port_value")}`;
  });
}

/** The lists called `servers` that have one of the addresses. */
function serverLists(document: Document, addresses: string[]): YAMLSeq[] {
  const lists: YAMLSeq[] = [];
  visit(document, {
    Pair(_, { key, value }) {
      if (!isScalar(key) || key.value !== "servers" || !isSeq(value)) return;
      if (value.items.some((item) => isMap(item) && addresses.includes(String(item.get("address"))))) lists.push(value);
    },
  });
  return lists;
}
