import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Endpoint } from "../../envoy-config/index.js";

/**
 * The endpoints with IP addresses: a name (STRICT_DNS) becomes one endpoint an address. Names that
 * cannot be resolved give none; `onFailure` hears of them.
 */
export async function resolveEndpoints(
  endpoints: readonly Endpoint[],
  onFailure: (name: string, error: Error) => void,
): Promise<Endpoint[]> {
  const resolved = await Promise.all(
    endpoints.map(async (endpoint) => {
      const { host, port } = endpoint.address;
      if (isIP(host) !== 0) return [endpoint];
      try {
        const addresses = await lookup(host, { all: true, order: "ipv4first" });
        // Envoy's default is to take the IPv4 addresses if there are any.
        const family = addresses[0]?.family;
        return addresses
          .filter((address) => address.family === family)
          .map(({ address }) => ({
            ...endpoint,
            hostname: endpoint.hostname || host,
            address: { host: address, port },
          }));
      } catch (error) {
        onFailure(host, error as Error);
        return [];
      }
    }),
  );
  return resolved.flat();
}
