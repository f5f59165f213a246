/**
 * What the demo has to know of an Envoy file: where it listens, and which servers it expects on
 * this machine. Read from the YAML tree itself, so that it holds for files which only the real
 * Envoy understands in full.
 */
import { type Document, isMap, isScalar, isSeq, parseDocument, type Scalar, visit } from "yaml";

/** A server that the file expects on a loopback address; the demo starts a backend there. */
export interface LocalServer {
  id: string;
  host: string;
  port: number;
}

export interface Layout {
  listener: { host: string; port: number };
  admin: { host: string; port: number };
  servers: LocalServer[];
}

/** Other ports than the file's: the listener's, the admin's, the servers' in the file's order. */
export interface PortOverrides {
  listener?: number;
  admin?: number;
  backends?: number[];
}

/** A complaint about the user's file or options: its message is all that is shown. */
export class UsageError extends Error {}

/** Reads an Envoy file's layout; throws UsageError where there is no listener, admin page or YAML. */
export function readLayout(text: string, file: string): Layout {
  const document = parse(text, file);
  const listener = address(document, ["static_resources", "listeners", 0, "address"]);
  if (!listener) {
    throw new UsageError(
      `${file}: static_resources.listeners[0].address.socket_address: expected an address and a port`,
    );
  }
  const admin = address(document, ["admin", "address"]);
  if (!admin) throw new UsageError(`${file}: admin.address.socket_address: expected an address and a port`);
  return { listener, admin, servers: localServers(document) };
}

/**
 * The same file on other ports, with every other byte as it was: `port_value` numbers, and
 * `127.0.0.1:PORT` inside strings (the filter's configuration), are replaced in the text.
 */
export function movePorts(text: string, file: string, overrides: PortOverrides): string {
  const layout = readLayout(text, file);
  const moves = portMoves(layout, overrides, file);
  if (moves.size === 0) return text;
  const edits: { start: number; end: number; replacement: string }[] = [];
  const edit = (node: Scalar, replace: (source: string) => string) => {
    const [start, end] = node.range ?? [0, 0];
    edits.push({ start, end, replacement: replace(text.slice(start, end)) });
  };
  visit(parse(text, file), {
    Pair(_, pair) {
      if (!isScalar(pair.key) || pair.key.value !== "port_value" || !isScalar(pair.value)) return;
      const moved = moves.get(Number(pair.value.value));
      if (moved !== undefined) edit(pair.value, () => String(moved));
    },
    Scalar(_, node) {
      if (typeof node.value !== "string") return;
      edit(node, (source) =>
        source.replace(/(?<=\b127\.0\.0\.1:)\d+/g, (port) => String(moves.get(Number(port)) ?? port)),
      );
    },
  });
  return edits
    .sort((a, b) => b.start - a.start)
    .reduce((result, { start, end, replacement }) => result.slice(0, start) + replacement + result.slice(end), text);
}

function portMoves(layout: Layout, overrides: PortOverrides, file: string): Map<number, number> {
  const backends = overrides.backends ?? [];
  if (backends.length > 0 && backends.length !== layout.servers.length) {
    throw new UsageError(
      `--backend-ports: expected ${layout.servers.length} ports, one for each server of ${file}; got ${backends.length}`,
    );
  }
  const moves: [number, number | undefined][] = [
    [layout.listener.port, overrides.listener],
    [layout.admin.port, overrides.admin],
    ...layout.servers.map((server, i): [number, number | undefined] => [server.port, backends[i]]),
  ];
  return new Map(moves.filter((move): move is [number, number] => move[1] !== undefined));
}

function localServers(document: Document): LocalServer[] {
  const servers = new Map<number, LocalServer>();
  visit(document.get("static_resources", true) as never, {
    Pair(_, pair) {
      if (!isScalar(pair.key) || pair.key.value !== "endpoint" || !isMap(pair.value)) return;
      const at = address(pair.value, ["address"]);
      if (!at?.host.startsWith("127.") || servers.has(at.port)) return;
      const hostname = pair.value.get("hostname");
      servers.set(at.port, { id: typeof hostname === "string" ? hostname : `${at.host}:${at.port}`, ...at });
    },
  });
  return [...servers.values()];
}

function address(
  node: { getIn(path: (string | number)[]): unknown },
  path: (string | number)[],
): { host: string; port: number } | undefined {
  const host = node.getIn([...path, "socket_address", "address"]);
  const port = node.getIn([...path, "socket_address", "port_value"]);
  return typeof host === "string" && typeof port === "number" ? { host, port } : undefined;
}

function parse(text: string, file: string): Document {
  const document = parseDocument(text);
  const error = document.errors[0];
  if (error) throw new UsageError(`${file}: ${error.message}`);
  if (!isMap(document.contents) && !isSeq(document.contents)) {
    throw new UsageError(`${file}: expected an Envoy configuration in YAML`);
  }
  return document;
}
