/** The tables of a terminal. */
import Table from "cli-table3";
import { colours } from "../../../scripts/colours.js";
import type { Figures } from "./figures.js";

/** The figures as text: policies side by side, then what each change did to them. */
export function terminalReport(figures: Figures): string {
  const { policies, timing } = figures;
  const table = new Table({
    head: [
      "policy",
      "peak/mean",
      "worst",
      "moved needlessly",
      "disruption / least",
      "cookie bytes",
      "shared data",
      "p50 / p99",
    ],
    style: { head: [], border: [] },
    colAligns: ["left", "right", "right", "right", "right", "right", "right", "right"],
  });
  for (const [index, policy] of policies.entries()) {
    const { p50, p99 } = timing.decision_ns[index]!;
    table.push([
      colours.bold(policy.name),
      policy.peak_to_mean.toFixed(2),
      policy.peak_to_mean_worst.toFixed(2),
      `${policy.sessions_moved_needlessly.toLocaleString("en")} of ${policy.sessions.toLocaleString("en")}`,
      `${percent(policy.disruption.moved)} / ${percent(policy.disruption.least)}`,
      cookieBytes(policy.cookies),
      bytes(policy.memory.shared_bytes),
      `${p50} / ${p99} ns`,
    ]);
  }
  const { requests, clients, envoys, servers, seed } = figures;
  const facts = `${requests.toLocaleString("en")} requests of ${clients.toLocaleString("en")} clients, ${servers.length} servers, ${envoys} Envoys, seed ${seed}`;
  const speed = `${timing.decisions_per_second_per_core.toLocaleString("en")} decisions a second a core`;
  return `${colours.bold(figures.title)}\n${facts}\n${table}\n${changes(figures)}${colours.dim(speed)}\n`;
}

/** One line a change, one column a policy: sessions that moved. */
function changes({ policies }: Figures): string {
  const phases = policies[0]!.phases.map((_, phase) => phase).slice(1);
  if (phases.length === 0) return "";
  const table = new Table({
    head: ["moved / had to", ...policies.map(({ name }) => name)],
    style: { head: [], border: [] },
  });
  for (const phase of phases) {
    table.push([policies[0]!.phases[phase]!.name, ...policies.map(({ phases }) => movedOf(phases[phase]!))]);
  }
  return `${table}\n`;
}

export const movedOf = ({ moved, least }: { moved: number; least: number }): string =>
  `${percent(moved)} / ${percent(least)}`;

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

export function cookieBytes(cookies: { name: string; set_cookie_bytes: number; cookie_bytes: number }[]): string {
  return (
    cookies
      .map(
        ({ name, set_cookie_bytes, cookie_bytes }) =>
          `${name} ${Math.round(set_cookie_bytes)}/${Math.round(cookie_bytes)}`,
      )
      .join(", ") || "none"
  );
}

export function bytes(count: number): string {
  if (count < 1024) return count === 0 ? "none" : `${count} B`;
  return count < 1024 ** 2 ? `${(count / 1024).toFixed(1)} KiB` : `${(count / 1024 ** 2).toFixed(1)} MiB`;
}
