import { parse, stringify } from "yaml";
import type { Plain } from "../../scenarios/stage/bootstrap.js";

const LOOPBACK = "127.0.0.1";

/**
 * A scenario's configuration is written for one machine. Where Envoy has a network of its own, it listens to all of
 * that network, and finds at `backends` who is not itself.
 */
export class Addresses {
  /** The engine's own ports: its listeners' and the admin interface's. */
  readonly #own = new Set<number>();

  constructor(private readonly backends: string) {}

  /** The text of a configuration file with the addresses of the container's network. */
  moved(yaml: string): string {
    const plain: Plain = parse(yaml);
    this.#open(plain?.admin?.address);
    for (const listener of plain?.static_resources?.listeners ?? []) this.#open(listener.address);
    for (const resource of plain?.resources ?? []) {
      if (`${resource["@type"]}`.endsWith(".Listener")) this.#open(resource.address);
    }
    return stringify(this.#move(plain));
  }

  #open(address: Plain): void {
    if (!address?.socket_address) return;
    this.#own.add(address.socket_address.port_value);
    address.socket_address.address = "0.0.0.0";
  }

  #move(value: Plain): Plain {
    if (typeof value === "string") {
      return value.replace(/127\.0\.0\.1:(\d+)/g, (text, port) =>
        this.#own.has(Number(port)) ? text : `${this.backends}:${port}`,
      );
    }
    if (Array.isArray(value)) return value.map((item) => this.#move(item));
    if (value === null || typeof value !== "object") return value;
    const fields = Object.fromEntries(Object.entries(value).map(([key, field]) => [key, this.#move(field)]));
    if (fields.address === LOOPBACK && !this.#own.has(fields.port_value)) fields.address = this.backends;
    return fields;
  }
}
