import type { IncomingMessage } from "node:http";
import type { HttpConnectionManager } from "../../envoy-config/index.js";
import { HeaderMap, lowerCase } from "../../wasm-host/index.js";
import { removeNominated, setField } from "../header-fields.js";
import type { StreamInfo } from "../stream/stream-info.js";
import { clientAddress, isLoopback, machineAddress } from "./forwarded.js";

/** Fields of one hop, and those that steer Envoy's router: no filter and no upstream sees the client's. */
const REMOVED = [
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "expect",
  "http2-settings",
  "x-envoy-internal",
  "x-envoy-expected-rq-timeout-ms",
  "x-envoy-force-trace",
  "x-envoy-hedge-on-per-try-timeout",
  "x-envoy-ip-tags",
  "x-envoy-max-retries",
  "x-envoy-retriable-header-names",
  "x-envoy-retriable-status-codes",
  "x-envoy-retry-grpc-on",
  "x-envoy-retry-on",
  "x-envoy-upstream-alt-stat-name",
  "x-envoy-upstream-rq-per-try-timeout-ms",
  "x-envoy-upstream-rq-timeout-alt-response",
  "x-envoy-upstream-rq-timeout-ms",
  "x-forwarded-client-cert",
];

/** Fields that only a trusted proxy in front may have set. */
const REMOVED_AT_EDGE = [
  "x-envoy-decorator-operation",
  "x-envoy-downstream-service-cluster",
  "x-envoy-downstream-service-node",
  "x-envoy-original-path",
];

/** The fields of a request as they came, names in lower case, and the request line as pseudo-headers. */
export function requestHeaderMap(request: IncomingMessage): HeaderMap {
  const { rawHeaders } = request;
  const fields = new HeaderMap("request");
  for (let index = 0; index < rawHeaders.length; index += 2) {
    fields.add(lowerCase(rawHeaders[index]!), rawHeaders[index + 1]!);
  }
  const [authority, path] = target(request, fields.get(":authority"));
  const pseudo: [string, string | undefined][] = [
    [":authority", authority],
    [":path", path],
    [":method", request.method],
    [":scheme", "http"],
  ];
  fields.remove(":authority");
  const headers = new HeaderMap("request");
  for (const [name, value] of pseudo) if (value !== undefined) headers.add(name, value);
  for (const [name, value] of fields.fields) headers.add(name, value);
  return headers;
}

/** The authority and the path of a request target in any of its forms (RFC 9112 §3.2). */
function target(
  { url = "", method }: IncomingMessage,
  host: string | undefined,
): [string | undefined, string | undefined] {
  if (method === "CONNECT") return [url, undefined];
  const absolute = /^https?:\/\/([^/?#]*)(.*)$/i.exec(url);
  if (absolute === null) return [host, url];
  const rest = absolute[2]!;
  return [absolute[1], rest.startsWith("/") ? rest : `/${rest}`];
}

/**
 * What Envoy does to a request before the first filter (`ConnectionManagerUtility::mutateRequestHeaders`):
 * hop-by-hop fields go, the client's address is found, and the x-forwarded fields are set.
 * @param upgrade the request is an upgrade that the listener accepts: its fields stay
 */
export function prepareRequest(
  headers: HeaderMap,
  info: StreamInfo,
  hcm: HttpConnectionManager,
  newRequestId: () => string,
  upgrade: boolean,
): void {
  if (!upgrade) {
    removeNominated(headers);
    headers.remove("connection");
    headers.remove("upgrade");
  }
  for (const name of REMOVED) headers.remove(name);
  if (headers.get("te") !== "trailers") headers.remove("te");

  const peer = info.connection.remote;
  info.client = clientAddress(headers, peer, hcm);
  const isEdge = hcm.useRemoteAddress;
  if (isEdge) {
    for (const name of REMOVED_AT_EDGE) headers.remove(name);
    headers.add("x-forwarded-for", isLoopback(peer.ip) ? machineAddress() : peer.ip);
    if (hcm.xffNumTrustedHops === 0) setField(headers, "x-forwarded-proto", "http");
  }
  if (headers.get("x-forwarded-proto") === undefined) headers.add("x-forwarded-proto", "http");
  if (isEdge) setField(headers, "x-envoy-external-address", info.client.ip);
  setField(headers, ":scheme", headers.get("x-forwarded-proto")!);
  if (isEdge || headers.get("x-request-id") === undefined) setField(headers, "x-request-id", newRequestId());
  info.requestId = headers.get("x-request-id")!;
}
