/** How the rules of an Envoy file recognise a client, and so what the check's clients have to bring. */
import type { Document } from "yaml";
import { mapsUnder } from "../layout.js";
import type { ClientOptions } from "./clients.js";

export interface Method {
  /** In words, for the report. */
  title: string;
  /** True if the session remembers who served (a pin): it moves once and stays. Else the server is computed anew. */
  remembers: boolean;
  /** True if the session's memory is a cookie that the proxy writes. */
  writesCookie: boolean;
  /** The headers that carry a server's id, and those that carry a session's name. */
  serverHeaders: string[];
  sessionHeaders: string[];
  byAddress: boolean;
}

interface Rule {
  pin?: { cookie?: object };
  route?: { header?: string };
  hash?: { header?: string; client_ip?: unknown };
}

/** Reads the rules in every filter's configuration, a Struct or JSON in a string. */
export function readMethod(document: Document): Method {
  const rules = mapsUnder(document, "configuration").flatMap((configuration) => rulesOf(configuration.toJSON()));
  const named = (headers: (string | undefined)[]) => headers.filter((name) => name !== undefined);
  const method = {
    remembers: rules.some((rule) => rule.pin),
    writesCookie: rules.some((rule) => rule.pin?.cookie),
    serverHeaders: named(rules.map((rule) => rule.route?.header)),
    sessionHeaders: named(rules.map((rule) => rule.hash?.header)),
    byAddress: rules.some((rule) => rule.hash && "client_ip" in rule.hash),
  };
  const titles = [
    method.writesCookie && "a cookie jar each",
    method.byAddress && "an address each",
    ...[...method.serverHeaders, ...method.sessionHeaders].map((name) => `a header ${name} each`),
  ];
  return { title: titles.filter(Boolean).join(", ") || "no rule that is known here", ...method };
}

function rulesOf(configuration: { value?: unknown }): Rule[] {
  const { value } = configuration;
  const parsed = typeof value === "string" && value.trimStart().startsWith("{") ? JSON.parse(value) : value;
  return (parsed as { rules?: Rule[] } | undefined)?.rules ?? [];
}

/** What the `index`th client (from 0) brings, so that each is another session. */
export function clientOptions(method: Method, index: number, serverIds: string[]): ClientOptions {
  const headers: Record<string, string> = {};
  for (const name of method.serverHeaders) headers[name] = serverIds[index % serverIds.length] ?? "";
  for (const name of method.sessionHeaders) headers[name] = `session-${index}`;
  // Different in the third octet, since rules may look at no more than the /24.
  return { headers, localAddress: method.byAddress ? `127.0.${index + 1}.1` : undefined };
}
