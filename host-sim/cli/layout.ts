/**
 * What the demo has to know of an Envoy file: where it listens, which servers it expects on this
 * machine, and how its rules recognise a client. Read from the YAML tree itself, so that it holds
 * for files which only the real Envoy understands in full.
 */
import { type Document, isMap, isScalar, parseDocument, visit, type YAMLMap } from "yaml";
import { UsageError } from "./usage-error.js";

export interface HostPort {
  host: string;
  port: number;
}

/** A server that the file expects on a loopback address, and that is no store: the demo starts a backend there. */
export interface LocalServer extends HostPort {
  id: string;
}

export interface Layout {
  /** The first listener, if it stands in the file itself. */
  listener?: HostPort;
  admin?: HostPort;
  servers: LocalServer[];
}

/** Parses an Envoy file; throws UsageError with the place of the first mistake in its YAML. */
export function parseFile(text: string, file: string): Document {
  const document = parseDocument(text);
  const error = document.errors[0];
  if (error) throw new UsageError(`${file}: ${error.message}`);
  if (!isMap(document.contents)) throw new UsageError(`${file}: expected an Envoy configuration in YAML`);
  return document;
}

export function readLayout(document: Document): Layout {
  const admin = address(document, ["admin", "address"]);
  return {
    listener: address(document, ["static_resources", "listeners", 0, "address"]),
    admin,
    // A cluster may lead to the admin interface, for discovery.
    servers: localServers(document).filter(({ port }) => port !== admin?.port),
  };
}

/** An address that the file has to say; throws UsageError if it does not. */
export function expectAddress(found: HostPort | undefined, path: string, why: string): HostPort {
  if (!found) throw new UsageError(`${path}.address.socket_address: expected an address and a port_value: ${why}`);
  return found;
}

function localServers(document: Document): LocalServer[] {
  const servers = new Map<number, LocalServer>();
  const stores = mapsUnder(document, "store").map((store) => store.get("cluster"));
  const ofStores = mapsUnder(document, "load_assignment")
    .filter((assignment) => stores.includes(assignment.get("cluster_name")))
    .flatMap((assignment) => mapsUnder(assignment, "endpoint"));
  for (const endpoint of mapsUnder(document, "endpoint")) {
    const at = address(endpoint, ["address"]);
    if (!at?.host.startsWith("127.") || servers.has(at.port) || ofStores.includes(endpoint)) continue;
    const hostname = endpoint.get("hostname");
    servers.set(at.port, { id: typeof hostname === "string" ? hostname : `${at.host}:${at.port}`, ...at });
  }
  return [...servers.values()];
}

/** The maps that stand anywhere in the document, or in a part of it, as the value of that key. */
export function mapsUnder(document: Document | YAMLMap, key: string): YAMLMap[] {
  const found: YAMLMap[] = [];
  visit(document, {
    Pair(_, pair) {
      if (isScalar(pair.key) && pair.key.value === key && isMap(pair.value)) found.push(pair.value);
    },
  });
  return found;
}

function address(node: { getIn(path: unknown[]): unknown }, path: (string | number)[]): HostPort | undefined {
  const host = node.getIn([...path, "socket_address", "address"]);
  const port = node.getIn([...path, "socket_address", "port_value"]);
  return typeof host === "string" && typeof port === "number" ? { host, port } : undefined;
}
