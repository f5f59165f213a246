/** Moves a configuration to this machine: every address that it listens on or forwards to. */
import { type Document, isMap, isScalar, visit } from "yaml";

/** An address as texts have it: `10.0.0.1:8080`, `[::1]:8080`. */
export const asText = (host: string, port: number) => `${host.includes(":") ? `[${host}]` : host}:${port}`;

/**
 * Gives each `socket_address` of the document a port of its own on 127.0.0.1, the same one wherever it stands, also
 * within texts (the filter's list of servers).
 * @param portFor the new port of an address
 * @returns the addresses as they were, by their new port
 */
export async function relocate(
  document: Document,
  portFor: (address: string) => Promise<number>,
): Promise<Map<number, string>> {
  const moved = new Map<string, number>();
  const places: { set(port: number): void; address: string }[] = [];
  visit(document, {
    Pair(_, { key, value }) {
      if (!isScalar(key) || (key.value !== "socket_address" && key.value !== "socketAddress") || !isMap(value)) return;
      const portName = value.has("portValue") ? "portValue" : "port_value";
      const [host, port] = [value.get("address"), value.get(portName)];
      if (typeof host !== "string" || typeof port !== "number") return;
      places.push({
        address: asText(host, port),
        set(free) {
          value.set("address", "127.0.0.1");
          value.set(portName, free);
        },
      });
    },
  });
  for (const { address, set } of places) {
    const port = moved.get(address) ?? (await portFor(address));
    moved.set(address, port);
    set(port);
  }
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value !== "string") return;
      node.value = node.value.replace(/(?<![\w.:-])(?:\[[\da-f:.]+\]|[\w.-]+):\d+(?!\d)/gi, (address) => {
        const port = moved.get(address);
        return port === undefined ? address : asText("127.0.0.1", port);
      });
    },
  });
  return new Map(Array.from(moved, ([address, port]) => [port, address]));
}
