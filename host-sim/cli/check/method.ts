/** How the rules of an Envoy file recognise a session, and so what the check's clients have to bring. */
import type { Document } from "yaml";
import { mapsUnder } from "../layout.js";

const PLACES = ["cookie", "header", "query", "path"] as const;
type Place = (typeof PLACES)[number];

/** Something that each client brings with every request: its own session's name, or a server's id. */
export interface Value {
  place: Place;
  name: string;
  of(index: number): string;
}

export interface Method {
  /** In words, for the report. */
  title: string;
  /** True if the session remembers who served: it moves once and stays. Else the server is computed anew. */
  remembers: boolean;
  values: Value[];
  /** True if each client has an address of its own. */
  byAddress: boolean;
  /** Response headers that a client keeps and sends with the next request. */
  keeps: string[];
  /** Values that the application has to issue, on a client's first request. */
  issued: { place: "cookie" | "header"; name: string }[];
  /** True if a server's load decides too: only a client alone is sure of its server then. */
  oneAtATime: boolean;
  /** Set-Cookie lines for a new client, and for one that moves. */
  cookies: { first: number; moved: number };
}

interface Carrier {
  name: string;
  mode?: string;
}
type Sources = { [place in Place]?: string } & { client_ip?: object; first_of?: Sources[] };
interface Rule {
  pin?: { cookie?: Carrier; header?: Carrier };
  cluster?: { cookie?: Carrier };
  route?: Sources & { id?: string; separator?: string };
  hash?: Sources & { max_load?: number };
  learn?: { also_pin?: Rule["pin"] };
}
interface Configuration {
  servers?: { id: string }[];
  rules?: Rule[];
}

/** Reads the rules in every filter's configuration, a Struct or JSON in a string. */
export function readMethod(document: Document): Method {
  const configurations = mapsUnder(document, "configuration").map((map) => plain(map.toJSON()));
  const rules = configurations.flatMap((configuration) => configuration.rules ?? []);
  const servers = configurations.flatMap((configuration) => configuration.servers ?? []).map(({ id }) => id);
  const clusterCookies = rules.filter((rule) => rule.cluster?.cookie).length;
  const pins = rules.flatMap(({ pin, learn }) => pin ?? learn?.also_pin ?? []);
  const inserted = pins.filter(({ cookie }) => cookie && (cookie.mode ?? "insert") === "insert").length;
  const keeps = pins.flatMap(({ header }) => (header ? [header.name] : []));
  const own = pins.filter(({ header }) => header && header.mode !== "prefix").length;
  const issued = pins.flatMap(({ cookie, header }) => [
    ...(cookie && (cookie.mode ?? "insert") !== "insert" ? [{ place: "cookie" as const, name: cookie.name }] : []),
    ...(header?.mode === "prefix" ? [{ place: "header" as const, name: header.name }] : []),
  ]);
  const remembers = inserted + own > 0;
  // Where the proxy remembers, the clients bring nothing else: their memory alone has to hold them.
  const values = remembers ? [] : valuesOf(rules, servers);
  const byAddress = rules.some(({ hash }) => hash?.client_ip);
  const oneAtATime = rules.some(({ hash }) => hash?.max_load !== undefined);
  const method = { remembers, values, byAddress, keeps, issued, oneAtATime };
  const issuedCookies = issued.filter(({ place }) => place === "cookie").length;
  const cookies = { first: clusterCookies + inserted + issuedCookies, moved: inserted };
  return { ...method, cookies, title: inWords(method, inserted + issuedCookies > 0) };
}

function plain({ value }: { value?: unknown }): Configuration {
  if (typeof value === "string") return value.trimStart().startsWith("{") ? JSON.parse(value) : {};
  return (value as Configuration | undefined) ?? {};
}

/** What rules read, each place and name once: a rule that wants a server's id goes first. */
function valuesOf(rules: Rule[], servers: string[]): Value[] {
  const values = new Map<string, Value>();
  const add = (sources: Sources | undefined, of: Value["of"]) => {
    for (const source of [sources, sources?.first_of?.[0]]) {
      for (const place of PLACES) {
        const name = source?.[place];
        if (name !== undefined && !values.has(`${place} ${name}`)) values.set(`${place} ${name}`, { place, name, of });
      }
    }
  };
  for (const { route } of rules) {
    const separator = route?.separator ?? ".";
    add(route, (index) => {
      const id = servers[index % servers.length] ?? "";
      if (route?.id === "after_last") return `session-${index}${separator}${id}`;
      return route?.id === "before_first" ? `${id}${separator}session-${index}` : id;
    });
  }
  for (const { hash } of rules) add(hash, (index) => `session-${index}`);
  return [...values.values()];
}

function inWords({ values, byAddress, keeps }: Pick<Method, "values" | "byAddress" | "keeps">, jar: boolean): string {
  const brought = [
    ...(jar ? ["a cookie jar"] : []),
    ...(byAddress ? ["an address"] : []),
    ...keeps.map((name) => `the header ${name}`),
    ...values.map(
      ({ place, name }) => `the ${place === "query" || place === "path" ? `${place} parameter` : place} ${name}`,
    ),
  ];
  return brought.length > 0 ? `each with ${brought.join(" and ")} of its own` : "no rule that the check knows";
}
