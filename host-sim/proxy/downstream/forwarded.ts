import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import type { HttpConnectionManager } from "../../envoy-config/index.js";
import type { HeaderMap } from "../../wasm-host/index.js";
import type { PeerAddress } from "../stream/stream-info.js";

export function isLoopback(ip: string): boolean {
  return ip === "::1" || ip.startsWith("127.");
}

/** The machine's own address, which Envoy writes into X-Forwarded-For in place of a loopback one. */
export function machineAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.1";
}

/** The entries of X-Forwarded-For, the nearest proxy's last. */
function forwardedFor(headers: HeaderMap): string[] {
  const line = headers.get("x-forwarded-for");
  return line === undefined ? [] : line.split(",").map((entry) => entry.trim());
}

/**
 * The client's address: the connection's, or the one that the last trusted proxy has written into
 * X-Forwarded-For (Envoy: `XFFIPDetection`; its port is 0). An entry that is no address is not believed.
 */
export function clientAddress(
  headers: HeaderMap,
  peer: PeerAddress,
  { useRemoteAddress, xffNumTrustedHops }: Pick<HttpConnectionManager, "useRemoteAddress" | "xffNumTrustedHops">,
): PeerAddress {
  if (useRemoteAddress && xffNumTrustedHops === 0) return peer;
  const hops = useRemoteAddress ? xffNumTrustedHops - 1 : xffNumTrustedHops;
  const entry = forwardedFor(headers).at(-1 - hops);
  return entry !== undefined && isIP(entry) !== 0 ? { ip: entry, port: 0 } : peer;
}
