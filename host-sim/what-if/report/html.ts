/** One file that shows a run: tables and plots, with nothing to load. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Figures, PolicyFigures } from "./figures.js";
import { MOST_LINES, PAGE_SCRIPT, PAGE_STYLE } from "./page.js";
import { bytes, cookieBytes, movedOf, percent } from "./terminal.js";

/**
 * The report. The plotting library (uPlot) stands in it; its content security policy lets only these very
 * scripts run and nothing be fetched.
 */
export function htmlReport(figures: Figures): string {
  const library = join(createRequire(import.meta.url).resolve("uplot/package.json"), "../dist");
  const scripts = [readFileSync(join(library, "uPlot.iife.min.js"), "utf8"), PAGE_SCRIPT];
  const style = `${readFileSync(join(library, "uPlot.min.css"), "utf8")}\n${PAGE_STYLE}`;
  const hashes = scripts.map((text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  const policy = `default-src 'none'; script-src ${hashes.join(" ")}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html(figures.title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${html(figures.title)}</h1>
<p>${facts(figures)}</p>
${summary(figures)}
<h2>The busiest server beside its fair share</h2>
<p>1 is an even load. Over the run, in ${figures.policies[0]!.series.length} stretches${hasChanges(figures) ? "; dotted lines are the changes below, by their numbers" : ""}.</p>
<div class="plot" id="peak" role="img" aria-label="Peak to mean over time, one line a policy; the table above has the means"></div>
${changes(figures)}
<h2>Each server's share</h2>
${figures.policies.map(shares(figures)).join("\n")}
</main>
<script type="application/json" id="figures">${JSON.stringify(figures).replaceAll("<", "\\u003c")}</script>
${scripts.map((text) => `<script>${text}</script>`).join("\n")}
</body>
</html>
`;
}

function facts({ requests, clients, servers, envoys, seed, timing }: Figures): string {
  const count = (value: number) => value.toLocaleString("en");
  return `${count(requests)} requests of ${count(clients)} clients, ${servers.length} servers, ${envoys} Envoys, seed ${seed};
${count(timing.decisions_per_second_per_core)} decisions a second a core.`;
}

function summary({ policies, timing }: Figures): string {
  const head = [
    "policy",
    "peak to mean",
    "worst phase",
    "sessions moved needlessly",
    "disruption",
    "least",
    "cookie bytes (set / sent)",
    "shared data",
    "a decision, p50 / p99",
  ];
  const rows = policies.map((policy, index) => {
    const { p50, p99 } = timing.decision_ns[index]!;
    return [
      policy.name,
      policy.peak_to_mean.toFixed(2),
      policy.peak_to_mean_worst.toFixed(2),
      `${policy.sessions_moved_needlessly.toLocaleString("en")} of ${policy.sessions.toLocaleString("en")}`,
      percent(policy.disruption.moved),
      percent(policy.disruption.least),
      cookieBytes(policy.cookies).replaceAll(", ", "\n"),
      bytes(policy.memory.shared_bytes),
      `${p50} / ${p99} ns`,
    ];
  });
  return table(head, rows);
}

const hasChanges = ({ policies }: Figures) => policies[0]!.phases.length > 1;

function changes(figures: Figures): string {
  if (!hasChanges(figures)) return "";
  const { policies } = figures;
  const phases = policies[0]!.phases.slice(1);
  const rows = phases.map((phase, index) => [
    `${index + 1}. ${phase.name}`,
    ...policies.map(({ phases }) => movedOf(phases[index + 1]!)),
    percent(phase.least_for_balance),
  ]);
  return `<h2>What changes did to sessions</h2>
<p>Of the sessions that came again after a change: how many moved, and how many had to, since their server was gone.</p>
<div class="plot" id="moved" role="img" aria-label="Sessions that moved, by change and policy; the table below has the same figures"></div>
${table(["change", ...policies.map(({ name }) => name), "must for an even load"], rows)}`;
}

function shares({ servers }: Figures): (policy: PolicyFigures, index: number) => string {
  const all = servers.length <= MOST_LINES;
  const columns = all ? servers : ["busiest", "middle", "idlest"];
  const cells = (share: number[]) => {
    if (all) return share.map(percent);
    const sorted = [...share].sort((a, b) => b - a);
    return [sorted[0]!, sorted[sorted.length >> 1]!, sorted.at(-1)!].map(percent);
  };
  return ({ name, phases }, index) => `<h3>${html(name)}</h3>
<div class="plot share" data-policy="${index}" role="img" aria-label="Requests by server over time; the table below has the shares"></div>
${table(
  ["phase", ...columns],
  phases.map((phase, number) => [number === 0 ? phase.name : `${number}. ${phase.name}`, ...cells(phase.share)]),
)}`;
}

function table(head: string[], rows: string[][]): string {
  const cells = (tag: string, row: string[]) => row.map((cell) => `<${tag}>${html(cell)}</${tag}>`).join("");
  return `<div class="wide"><table>
<thead><tr>${head.map((cell) => `<th scope="col">${html(cell)}</th>`).join("")}</tr></thead>
<tbody>
${rows.map(([first, ...rest]) => `<tr><th scope="row">${html(first!)}</th>${cells("td", rest)}</tr>`).join("\n")}
</tbody></table></div>`;
}

function html(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
