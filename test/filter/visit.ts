/** One request and its response through the filter, with as much of Envoy around it as the filter sees. */
import type { HeaderField, Plugin } from "../../host-sim/wasm-host/index.js";
import { bytes, fields, TestStream } from "../wasm-host/harness.js";
import type { Configuration } from "./filter.js";

export interface VisitRequest {
  method?: string;
  path?: string;
  scheme?: string;
  /** The client's address, `ip:port`. */
  from?: string;
  headers?: HeaderField[];
}

export interface VisitResponse {
  /** Who serves where the filter asks for nobody, `ip:port`; undefined: nobody does, whoever is asked for. */
  servedBy?: string;
  /** The host above serves, whoever is asked for: no other one lives. */
  whoeverIsAsked?: boolean;
  /** `response.code_details`; Envoy answers itself with others than this default. */
  codeDetails?: string;
  headers?: HeaderField[];
}

export interface Visited {
  /** The hosts asked for, in order. */
  asked: string[];
  servedBy: string | undefined;
  /** What the application gets, without pseudo-headers and hand-off. */
  request: HeaderField[];
  /** What the client gets. */
  response: HeaderField[];
  /** What access logs see as the filter state `wasm.limpet`. */
  verdict: string | undefined;
}

/** Plays Envoy for one stream. */
export function visit(
  plugin: Plugin,
  { method = "GET", path = "/", scheme = "http", from = "192.0.2.10:50123", headers = [] }: VisitRequest,
  { servedBy, whoeverIsAsked = false, codeDetails = "via_upstream", headers: responseHeaders = [] }: VisitResponse,
  handoff: Handoff,
): Visited {
  const stream = new TestStream([
    [":authority", "app.example"],
    [":path", path],
    [":method", method],
    [":scheme", scheme],
    ...headers,
  ]);
  const set = (name: string, value: string) => stream.properties.set(name, bytes(value));
  set("source.address", from);
  set("request.scheme", scheme);
  set("xds.cluster_name", "app");
  const pluginStream = plugin.createStream(stream);
  pluginStream.onRequestHeaders(true);

  const request = stream.headers("request")!;
  const asked = handoff.read(request.get(handoff.header));
  const server = asked.length === 0 || servedBy === undefined || whoeverIsAsked ? servedBy : asked[0];
  request.remove(handoff.header);
  const response = fields("response", [[":status", "200"], ...responseHeaders]);
  stream.maps["response headers"] = response;
  if (server !== undefined) {
    if (handoff.tellsWhoServed && server !== asked[0]) response.add(handoff.header, base64(server));
    set("upstream.address", server);
  }
  set("response.code_details", codeDetails);
  pluginStream.onResponseHeaders(true);
  pluginStream.end();

  const verdict = stream.properties.get("limpet");
  const visible = ({ fields }: { fields: readonly HeaderField[] }) => fields.filter(([name]) => !name.startsWith(":"));
  return {
    asked,
    servedBy: server,
    request: visible(request),
    response: visible(response),
    verdict: verdict && Buffer.from(verdict).toString("latin1"),
  };
}

/** What in Envoy stands behind the filter and acts on its choice. */
export interface Handoff {
  header: string;
  /** The hosts that the header's value asks for. */
  read(value: string | undefined): string[];
  /** The response carries the header if another host served than was asked for. */
  tellsWhoServed: boolean;
}

/** The hand-off that a configuration has. */
export function handoffOf({ handoff = {} }: Configuration): Handoff {
  const { stateful_session, override_host } = handoff as Record<string, { header?: string } | undefined>;
  const header = ((override_host ?? stateful_session)?.header ?? "x-limpet-upstream").toLowerCase();
  return override_host
    ? { header, read: (value) => value?.split(",") ?? [], tellsWhoServed: false }
    : {
        header,
        read: (value) => (value === undefined ? [] : [Buffer.from(value, "base64").toString("latin1")]),
        tellsWhoServed: true,
      };
}

const base64 = (text: string) => Buffer.from(text, "latin1").toString("base64");
