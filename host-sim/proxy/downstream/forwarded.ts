import { BlockList, isIP } from "node:net";
import type { HttpConnectionManager } from "../../envoy-config/index.js";
import type { HeaderMap } from "../../wasm-host/index.js";
import type { PeerAddress } from "../stream/stream-info.js";

/** Envoy's default of what an internal address is: RFC 1918 and loopback. */
const INTERNAL = new BlockList();
INTERNAL.addSubnet("10.0.0.0", 8);
INTERNAL.addSubnet("172.16.0.0", 12);
INTERNAL.addSubnet("192.168.0.0", 16);
INTERNAL.addSubnet("127.0.0.0", 8);
INTERNAL.addAddress("::1", "ipv6");
INTERNAL.addSubnet("fd00::", 8, "ipv6");

export function isInternal(ip: string): boolean {
  return INTERNAL.check(ip, isIP(ip) === 6 ? "ipv6" : "ipv4");
}

/** The entries of X-Forwarded-For, the nearest proxy's last. */
export function forwardedFor(headers: HeaderMap): string[] {
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
