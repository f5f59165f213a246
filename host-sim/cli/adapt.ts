/** The demo's changes to an Envoy file: other ports, and a log line a request. */
import { type Document, isScalar, visit } from "yaml";
import { expectAddress, type Layout, mapsUnder } from "./layout.js";
import { UsageError } from "./usage-error.js";

/** Other ports than the file's: the listener's, the admin's, the servers' in the file's order. */
export interface PortOverrides {
  port?: number;
  adminPort?: number;
  backendPorts?: number[];
}

const HTTP_CONNECTION_MANAGER = "http_connection_manager.v3.HttpConnectionManager";

/** What the filter leaves for access logs is the filter state `wasm.limpet`: rule, outcome, server. */
const LOG_LINE =
  '%START_TIME(%H:%M:%S)%  client=%DOWNSTREAM_REMOTE_ADDRESS%  %FILTER_STATE(wasm.limpet:PLAIN)%  upstream=%UPSTREAM_HOST%  "%REQ(:METHOD)% %REQ(:PATH)%" %RESPONSE_CODE%\n';

/**
 * Replaces ports in the document: `port_value` numbers, and `127.0.0.1:PORT` inside strings (the
 * servers in the filter's configuration). Throws UsageError if the count of backend ports is not
 * the count of servers.
 */
export function movePorts(document: Document, layout: Layout, { port, adminPort, backendPorts }: PortOverrides): void {
  if (backendPorts && backendPorts.length !== layout.servers.length) {
    const expected = `${layout.servers.length} (${layout.servers.map(({ id }) => id).join(", ")})`;
    throw new UsageError(`--backend-ports: expected ${expected} ports; got ${backendPorts.length}`);
  }
  const moves = new Map<number, number>();
  if (port !== undefined) {
    moves.set(expectAddress(layout.listener, "static_resources.listeners[0]", "--port moves it").port, port);
  }
  if (adminPort !== undefined) {
    moves.set(expectAddress(layout.admin, "admin", "--admin-port moves it").port, adminPort);
  }
  backendPorts?.forEach((backendPort, i) => {
    moves.set(layout.servers[i]?.port ?? 0, backendPort);
  });
  if (moves.size === 0) return;
  visit(document, {
    Pair(_, pair) {
      if (!isScalar(pair.key) || pair.key.value !== "port_value" || !isScalar(pair.value)) return;
      pair.value.value = moves.get(Number(pair.value.value)) ?? pair.value.value;
    },
    Scalar(_, node) {
      if (typeof node.value !== "string") return;
      node.value = node.value.replace(/(?<=(?<![\d.])127\.0\.0\.1:)\d+/g, (was) =>
        String(moves.get(Number(was)) ?? was),
      );
    },
  });
}

/** Makes every listener without an access log of its own write the demo's line a request to a file. */
export function logRequests(document: Document, path: string): void {
  for (const config of mapsUnder(document, "typed_config")) {
    if (!String(config.get("@type")).endsWith(HTTP_CONNECTION_MANAGER) || config.has("access_log")) continue;
    config.set(
      "access_log",
      document.createNode([
        {
          name: "envoy.access_loggers.file",
          typed_config: {
            "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
            path,
            log_format: { text_format_source: { inline_string: LOG_LINE } },
          },
        },
      ]),
    );
  }
}
