/** The faults' figures as docs/faults.json, for programs, and docs/faults.md, for people. */
import { writeFileSync } from "node:fs";
import { inProject } from "../../../scripts/project.js";
import { FAULTS } from "./faults.js";
import type { System } from "./systems.js";
import type { Figures } from "./world.js";

export interface Row extends Figures {
  fault: string;
  system: System["name"];
  /** How many requests failed for each reason. */
  why: Record<string, number>;
}

const INTRODUCTION = `# Faults while traffic flows

What a fault costs, in requests and in sessions: Limpet, Envoy's own \`stateful_session\` cookie, and HAProxy's
\`cookie insert\`, each in containers, with the same four servers, the same 20 clients and the same fault. Written by
\`npm run test:docker\`; as data in [faults.json](faults.json).

A client keeps its cookies and one connection, and asks again 50 ms after each answer; every fifth request takes 200 ms,
so that each fault finds some under way. Every server has sessions before a fault, and a fault lasts until every proxy has
seen it (a restart excepted, which is over as soon as it can be); a test fails where a fault moved nobody. All proxies
check health four times a second, give a server 1 s for its answer, and retry twice, on another server. An HAProxy that
learns counts as started once its peers have taught it what they know.

| column | |
| --- | --- |
| sent | requests of the clients |
| failed | those without an answer, or with another one than 200; and why |
| retried | how often the proxy tried again |
| moved | how often a session was answered by another server than before |
| needlessly | moves from a server that was there: while it drained, or while another one was away |
`;

export function writeReport(rows: Row[]): void {
  const faults = rows.map(({ why: _, ...row }) => row);
  const lines = faults.map((row) => `    ${JSON.stringify(row)}`).join(",\n");
  writeFileSync(inProject("docs/faults.json"), `{\n  "faults": [\n${lines}\n  ]\n}\n`);
  const sections = FAULTS.map(({ name, title }) => {
    const table = rows.filter(({ fault }) => fault === name).map(line);
    const head = "| | sent | failed | retried | moved | needlessly |\n| --- | --- | --- | --- | --- | --- |";
    return `## ${name}\n\n${title[0]!.toUpperCase()}${title.slice(1)}.\n\n${head}\n${table.join("\n")}\n`;
  });
  writeFileSync(inProject("docs/faults.md"), [INTRODUCTION, ...sections].join("\n"));
}

function line({ system, sent, failed, retried, moved, moved_needlessly, why }: Row): string {
  const reasons = Object.entries(why).map(([reason, count]) => `${count} × ${reason}`);
  const failures = failed === 0 ? "0" : `${failed} (${reasons.join(", ")})`;
  return `| ${system} | ${sent} | ${failures} | ${retried} | ${moved} | ${moved_needlessly} |`;
}
