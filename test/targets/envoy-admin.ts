import { setTimeout as delay } from "node:timers/promises";
import { parse } from "yaml";

/** The port of the admin interface in a bootstrap. @throws where it has none */
export function adminPortOf(config: string): number {
  const port: unknown = parse(config)?.admin?.address?.socket_address?.port_value;
  if (typeof port !== "number") {
    throw new Error("the configuration needs admin.address.socket_address.port_value: it tells when Envoy is ready");
  }
  return port;
}

/** What a target asks the admin interface of a real Envoy. */
export class EnvoyAdmin {
  /** @param address host:port */
  constructor(private readonly address: string) {}

  /** Waits until every listener accepts. */
  async ready(limitMs: number): Promise<"ready" | "late"> {
    for (const start = Date.now(); Date.now() - start < limitMs; await delay(20)) {
      const answer = await fetch(`http://${this.address}/ready`).catch(() => undefined);
      if ((await answer?.text())?.trim() === "LIVE") return "ready";
    }
    return "late";
  }

  async listenerPort(name: string): Promise<number> {
    const answer = await fetch(`http://${this.address}/listeners?format=json`);
    const { listener_statuses = [] } = (await answer.json()) as {
      listener_statuses?: { name: string; local_address: { socket_address: { port_value: number } } }[];
    };
    const found = listener_statuses.find((listener) => listener.name === name);
    if (!found) {
      throw new Error(`no listener "${name}": there are ${listener_statuses.map((l) => `"${l.name}"`).join(", ")}`);
    }
    return found.local_address.socket_address.port_value;
  }
}
