import type { HeaderMap } from "../../wasm-host/types.js";
import { flagBits } from "../stream/response-flags.js";
import type { Attribute } from "./attribute.js";
import { encode } from "./encode.js";

/** `request`: the headers' attributes are there while the filter sees the headers. */
export const requestAttributes: Record<string, Attribute> = {
  path: ofRequest((headers) => headers.get(":path")),
  url_path: ofRequest((headers) => headers.get(":path")?.split("?", 1)[0]),
  query: ofRequest((headers) => {
    const path = headers.get(":path") ?? "";
    return path.includes("?") ? path.slice(path.indexOf("?") + 1) : "";
  }),
  host: ofRequest((headers) => headers.get(":authority")),
  scheme: ofRequest((headers) => headers.get(":scheme")),
  method: ofRequest((headers) => headers.get(":method")),
  referer: ofRequest((headers) => headers.get("referer")),
  useragent: ofRequest((headers) => headers.get("user-agent")),
  id: ofRequest((headers) => headers.get("x-request-id")),
  headers: ({ headers }, [name]) => headerText(headers("request"), name),
  protocol: ({ stream }) => encode.text(stream.info.protocol),
  time: ({ stream }) => encode.integer(stream.info.start),
  duration: ({ stream }) => nanoseconds(stream.info.start, stream.info.end),
  size: ({ stream, headers }) =>
    encode.integer(Number(headers("request")?.get("content-length") ?? stream.info.requestBytes)),
  total_size: ({ stream, headers }) => encode.integer(stream.info.requestBytes + byteSize(headers("request"))),
};

/** `response` */
export const responseAttributes: Record<string, Attribute> = {
  code: ({ stream }) => (stream.info.responseCode === 0 ? undefined : encode.integer(stream.info.responseCode)),
  code_details: ({ stream }) =>
    stream.info.responseCodeDetails === "" ? undefined : encode.text(stream.info.responseCodeDetails),
  flags: ({ stream }) => encode.integer(flagBits(stream.info.responseFlags)),
  headers: ({ headers }, [name]) => headerText(headers("response"), name),
  size: ({ stream }) => encode.integer(stream.info.responseBytes),
  total_size: ({ stream, headers }) => encode.integer(stream.info.responseBytes + byteSize(headers("response"))),
};

function ofRequest(value: (headers: HeaderMap) => string | undefined): Attribute {
  return ({ headers }) => {
    const visible = headers("request");
    return visible === undefined ? undefined : text(value(visible));
  };
}

/** All values of the field, as Envoy joins them. */
function headerText(headers: HeaderMap | undefined, name = ""): Uint8Array | undefined {
  const values = headers?.getAll(name) ?? [];
  return values.length === 0 ? undefined : encode.text(values.join(","));
}

function text(value: string | undefined): Uint8Array | undefined {
  return value === undefined ? undefined : encode.text(value);
}

function nanoseconds(start: bigint, end: bigint | undefined): Uint8Array | undefined {
  return end === undefined ? undefined : encode.integer(end - start);
}

/** Envoy: `HeaderMap::byteSize`. */
function byteSize(headers: HeaderMap | undefined): number {
  return (headers?.fields ?? []).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
}
