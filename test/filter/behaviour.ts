/** What a configuration does, as text: a few visits, the same for every configuration. */
import type { HeaderField, Plugin } from "../../host-sim/wasm-host/index.js";
import type { Configuration } from "./filter.js";
import { type Handoff, handoffOf, type Visited, type VisitRequest, type VisitResponse, visit } from "./visit.js";

/** What the application answers, always. */
const ANSWER: HeaderField[] = [
  ["etag", '"1"'],
  ["set-cookie", "theme=dark"],
  ["set-cookie", "JSESSIONID=abc; Path=/"],
  ["mcp-session-id", "def"],
];

/** Shows each visit with what the filter asked for, changed and told. */
export function behaviour(plugin: Plugin, configuration: Configuration): string {
  const addresses = serverAddresses(configuration);
  const placed: VisitResponse = { servedBy: addresses.at(-1)!, headers: ANSWER };
  const handoff = handoffOf(configuration);
  const visits: string[] = [];
  const show = (request: VisitRequest, response: VisitResponse) => {
    const visited = visit(plugin, request, response, handoff);
    visits.push(shown(request, visited, handoff));
    return visited;
  };

  const first = show({ headers: [["cookie", "theme=dark"]] }, placed);
  show({ headers: broughtBack(first) }, placed);
  const named: HeaderField[] = [
    ["x-server-id", "S1"],
    ["cookie", "SERVERID=S1; JSESSIONID=abc.S1"],
  ];
  const toS1 = { method: "POST", path: "/shop;sid=S1?sid=S1", scheme: "https", headers: named };
  show(toS1, placed);
  show({ ...toS1, from: "[2001:db8:1:2::3]:50123" }, { ...placed, whoeverIsAsked: true });
  show({ headers: [[handoff.header, "spoofed"]] }, { codeDetails: "no_healthy_upstream" });
  return visits.join("\n");
}

/** Every header that the client was given: its cookies in one line, as clients send them. */
function broughtBack({ response }: Visited): HeaderField[] {
  const cookies = response.filter(([name]) => name === "set-cookie").map(([, value]) => value.split(";")[0]);
  const others = response.filter(([name]) => !["set-cookie", "etag", "cache-control"].includes(name));
  return [["cookie", cookies.join("; ")], ...others];
}

/** The addresses of the servers, or of those of the first policy. */
function serverAddresses({ servers, policies }: Configuration): string[] {
  if (servers === undefined) return serverAddresses(Object.values(policies as Record<string, Configuration>)[0]!);
  // Nobody answers discovery here: the filter has no view yet.
  if (!Array.isArray(servers)) return ["192.0.2.1:8001"];
  return servers.map(({ address }: { address: string }) => address);
}

function shown(
  { method = "GET", path = "/", scheme = "http", from = "192.0.2.10:50123", headers = [] }: VisitRequest,
  { asked, servedBy, request, response, verdict }: Visited,
  handoff: Handoff,
): string {
  const lines = (fields: HeaderField[], mark: string) => fields.map(([name, value]) => `${mark} ${name}: ${value}`);
  const client = headers.filter(([name]) => name !== handoff.header);
  const unchanged = JSON.stringify(request) === JSON.stringify(client);
  return [
    `${method} ${path} by ${scheme} from ${from}`,
    ...lines(client, "client >"),
    ...(unchanged ? ["server > the same"] : lines(request, "server >")),
    `asks for ${asked.join(", then ") || "nobody"}; ${servedBy ?? "nobody"} serves`,
    ...lines(
      response.filter(([name, value]) => !ANSWER.some((field) => field[0] === name && field[1] === value)),
      "client <",
    ),
    `verdict ${verdict ?? "none"}`,
    "",
  ].join("\n");
}
