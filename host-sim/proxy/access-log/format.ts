import { type OperatorName, parseFormat } from "../../envoy-config/index.js";
import type { Stream } from "../stream/stream.js";
import { formatAddress } from "../stream/stream-info.js";
import { formatTime } from "./time-format.js";

/** Makes a text of what is known of a stream: bytes, one char each. */
export type Formatter = (stream: Stream) => string;

/** An operator's value; undefined where the stream has none. */
type Operator = (stream: Stream, argument: string) => string | undefined;

const OPERATORS: Record<OperatorName, Operator> = {
  REQ: (stream, argument) => header(stream.requestHeaders, argument),
  RESP: (stream, argument) => header(stream.responseHeaders, argument),
  RESPONSE_CODE: ({ info }) => String(info.responseCode),
  RESPONSE_CODE_DETAILS: ({ info }) => info.responseCodeDetails || undefined,
  RESPONSE_FLAGS: ({ info }) => [...info.responseFlags].join(",") || undefined,
  PROTOCOL: ({ info }) => info.protocol,
  UPSTREAM_HOST: ({ info }) => info.upstreamHost?.address,
  UPSTREAM_REMOTE_ADDRESS: ({ info }) => info.upstreamHost?.address,
  UPSTREAM_LOCAL_ADDRESS: ({ info }) => info.upstreamLocalAddress,
  UPSTREAM_CLUSTER: ({ info }) => info.route?.clusterName || undefined,
  UPSTREAM_REQUEST_ATTEMPT_COUNT: ({ info }) => String(info.attempts),
  ROUTE_NAME: ({ info }) => info.route?.route.name || undefined,
  DOWNSTREAM_REMOTE_ADDRESS: ({ info }) => formatAddress(info.client),
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: ({ info }) => info.client.ip,
  DOWNSTREAM_REMOTE_PORT: ({ info }) => String(info.client.port),
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS: ({ info }) => formatAddress(info.connection.remote),
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT: ({ info }) => info.connection.remote.ip,
  DOWNSTREAM_LOCAL_ADDRESS: ({ info }) => formatAddress(info.connection.local),
  DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT: ({ info }) => info.connection.local.ip,
  DOWNSTREAM_LOCAL_PORT: ({ info }) => String(info.connection.local.port),
  CONNECTION_ID: ({ info }) => String(info.connection.id),
  START_TIME: ({ info }, argument) => formatTime(info.start, argument),
  DURATION: ({ info }) => millisecondsSince(info.start, info.end),
  RESPONSE_DURATION: ({ info }) => millisecondsSince(info.start, info.responseStart),
  REQUEST_DURATION: ({ info }) => millisecondsSince(info.start, info.requestEnd),
  BYTES_RECEIVED: ({ info }) => String(info.requestBytes),
  BYTES_SENT: ({ info }) => String(info.responseBytes),
  FILTER_STATE: filterState,
};

/**
 * Compiles a format string with Envoy's command operators (`%REQ(X?ALT):LENGTH%`, `%RESPONSE_CODE%`, ...).
 * Throws the FormatError of envoy-config, which has checked every format of a file already.
 * @param missing stands for a value that the stream does not have: `-` in an access log
 */
export function compileFormat(format: string, missing: "-" | ""): Formatter {
  const parts = parseFormat(format).map((part) => {
    if (typeof part === "string") return Buffer.from(part).toString("latin1");
    const operator = OPERATORS[part.name];
    return (stream: Stream) => (operator(stream, part.argument) ?? missing).slice(0, part.maxLength);
  });
  return (stream) => parts.map((part) => (typeof part === "string" ? part : part(stream))).join("");
}

/** `NAME` or `NAME?ALTERNATIVE`. */
function header(headers: Stream["responseHeaders"], argument: string): string | undefined {
  for (const name of argument.toLowerCase().split("?")) {
    const value = headers?.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** `KEY:PLAIN` is the text, `KEY` the JSON of Envoy's typed form. */
function filterState({ info }: Stream, argument: string): string | undefined {
  const [key = "", form] = argument.split(":");
  const value = info.filterState.get(key);
  if (value === undefined) return undefined;
  const bytes = Buffer.from(value);
  if (form === "PLAIN") return bytes.toString("latin1");
  return JSON.stringify({
    "@type": "type.googleapis.com/google.protobuf.BytesValue",
    value: bytes.toString("base64"),
  });
}

function millisecondsSince(start: bigint, end: bigint | undefined): string | undefined {
  return end === undefined ? undefined : String((end - start) / 1_000_000n);
}
