/** An explanation for people: step by step, in the order in which things happen. */
import { colours } from "../../scripts/colours.js";
import type { Explanation } from "./explain.js";
import type { RuleTrace } from "./trace.js";

const BROUGHT: Record<string, string> = {
  nothing: "the request brings nothing for it",
  good: "a good token",
  stale: "a good token that is due to be written again",
  unknown: "a token of a server that may not be used",
  expired: "a token whose session has ended",
  tampered: "a token that was not made with these keys for this place",
  ignored: "the rule does not concern this request",
  drained: "a token of a server that drains, and whose sessions leave now",
  rebalanced: "a token of a server that has more than its share",
};

const OUTCOME: Record<string, string> = {
  stuck: "the server that the session named serves",
  placed: "a new session: Envoy's load balancer placed it",
  moved: "another server serves than the one that the session named",
  unknown: "the token named no server that may be used; placed anew",
  expired: "the session had ended; placed anew",
  tampered: "the token was not made here; placed anew",
  unserved: "no server answered",
  detoured: "another server stands in for the one that the session named",
  refused: "the session's server cannot be used, and no other may serve",
  unpinned: "the application ended the session, or sent it to another server",
  overflowed: "the hashed server has its share of requests; the next one in order serves",
};

/** The lines; `now` is seconds since the epoch, for ages. */
export function show(of: Explanation, request: { method: string; path: string }, now: number): string {
  const lines = [
    `${colours.bold(`${request.method} ${request.path}`)} from ${of.client}`,
    `  route ${of.route ?? "none"}, cluster ${of.cluster ?? "none"}, policy ${of.policy ?? "none"}`,
  ];
  if (of.servers.length > 0) lines.push("", colours.bold("Servers"), ...table(of.servers.map(serverRow)));
  else if (of.policy)
    lines.push("", "No servers: the filter discovers them, and the file tells of no endpoints in that cluster.");
  of.rules.forEach((rule, index) => {
    const before = of.rules[index - 1]?.proposed ?? [];
    lines.push("", colours.bold(`Rule ${index + 1}: ${rule.name}`), ...ruleLines(rule, before, now));
  });
  lines.push("", colours.bold("Decision"));
  lines.push(
    of.asked
      ? `  asks Envoy for ${colours.bold(of.asked.server)}: the first that rule ${of.asked.rule} proposed`
      : "  asks for nobody: no rule yielded a server",
  );
  lines.push(...indented("request", of.changes.request), `  ${servedLine(of)}`, "", colours.bold("Response"));
  lines.push(...indented("response", of.changes.response));
  if (of.changes.response.length === 0) lines.push("  nothing is written back");
  if (of.outcome) {
    const { outcome, rule } = of.outcome;
    lines.push(`  outcome ${colours.bold(outcome)} under rule ${rule}: ${OUTCOME[outcome] ?? outcome}`);
  }
  for (const line of of.log) lines.push(`  log: ${line}`);
  return lines.join("\n");
}

function serverRow({ id, address, weight, health, inFlight, takesNew, keepsOld }: Explanation["servers"][number]) {
  const state = takesNew ? "takes new sessions" : keepsOld ? "keeps its sessions only" : "gets nothing";
  const load = inFlight === null ? "" : `${inFlight} in flight`;
  return [id, address, `weight ${weight}`, health.toLowerCase(), state, load];
}

function ruleLines({ concerns, session, proposed, hash }: RuleTrace, before: string[], now: number): string[] {
  if (!concerns) return ["  does not concern this request (when, unless)"];
  const lines: string[] = [];
  if (session) {
    lines.push(`  ${BROUGHT[session.brought] ?? session.brought}${session.named ? `, of ${session.named}` : ""}`);
    if (session.since > 0) lines.push(`  issued ${moment(session.since, now)}`);
    if (session.lastUse > 0) lines.push(`  last used ${moment(session.lastUse, now)}`);
  }
  if (hash) lines.push(`  hashes ${keyText(hash.key)}: ${hash.order.join(" > ")}`);
  const added = proposed.slice(before.length);
  lines.push(added.length > 0 ? `  proposes ${added.join(", ")}` : "  proposes nobody");
  return lines;
}

/** As text where it is one. */
function keyText(hex: string): string {
  const text = Buffer.from(hex, "hex").toString("latin1");
  return /^[ -~]+$/.test(text) ? `"${text}"` : `the bytes ${hex}`;
}

function servedLine({ served, asked, reply }: Explanation): string {
  if (reply?.by === "filter")
    return `the filter answers ${reply.status} itself (${reply.details}): no server gets the request`;
  if (reply?.by === "route") return `the route answers ${reply.status} itself: no server gets the request`;
  if (reply?.status === 404) return "no route is for this request: Envoy answers 404";
  if (!served && asked) return "Envoy may not use that host, and the hand-off is strict: Envoy answers 503";
  if (!served) return "no host of the cluster is healthy: Envoy answers 503";
  if (served.by === "hand-off") return `${served.address} serves`;
  return asked
    ? `Envoy may not use that host: its load balancer chooses, here ${served.address}`
    : `Envoy's load balancer chooses, here ${served.address}`;
}

function moment(seconds: number, now: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z, ${now - seconds} s ago`;
}

function indented(what: string, lines: string[]): string[] {
  return lines.map((line) => `  ${what} ${line}`);
}

/** Cells in columns. */
function table(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ")}`.trimEnd());
}
