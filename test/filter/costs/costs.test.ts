import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { inProject } from "../../../scripts/project.js";
import { METHODS } from "./methods.js";
import { type Method, Population } from "./population.js";

const CLIENTS = 1000;
const DOC = inProject("docs/what-it-costs.md");
const BEGIN = "<!-- measured by test/filter/costs -->";
const END = "<!-- end -->";

interface Costs {
  method: string;
  cookie: string;
  nat: string;
  died: string;
  back: string;
  added: string;
  roaming: string;
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
const moved = (before: string[], after: string[]) => before.filter((server, i) => server !== after[i]).length;

async function measure(method: Method): Promise<Costs> {
  const population = await Population.of(method, CLIENTS);
  population.serve(5);
  population.visit();
  const settled = population.visit();
  expect(moved(settled, population.visit())).toBe(0);

  population.serve(5, [3]);
  const without = population.visit();
  const others = settled.filter((server) => server !== "10.0.0.3:8080").length;
  const needless = settled.filter((server, i) => server !== "10.0.0.3:8080" && server !== without[i]).length;
  population.serve(5);
  const returned = moved(settled, population.visit());

  const grown = await Population.of(method, CLIENTS);
  grown.serve(5);
  grown.visit();
  const five = grown.visit();
  grown.serve(6);
  const six = moved(five, grown.visit());

  const roaming = await Population.of(method, CLIENTS);
  roaming.serve(5);
  roaming.visit();
  const home = roaming.visit();
  for (const client of roaming.clients) client.from = `203.0.${client.id >> 8}.${client.id & 255}:999`;
  const away = moved(home, roaming.visit());

  const nat = await Population.of(method, CLIENTS, true);
  nat.serve(5);
  nat.visit();
  const shares = new Map<string, number>();
  for (const server of nat.visit()) shares.set(server, (shares.get(server) ?? 0) + 1);
  const busiest = Math.max(...shares.values()) / CLIENTS;

  return {
    method: method.name,
    cookie: population.cookieBytes ? `${population.setCookieBytes} / ${population.cookieBytes}` : "none",
    nat: `${(busiest * 5).toFixed(2)} times its share`,
    died: percent(needless / others),
    back: percent(returned / CLIENTS),
    added: percent(six / CLIENTS),
    roaming: percent(away / CLIENTS),
  };
}

function table(rows: Costs[]): string {
  const head = [
    "method",
    "bytes: Set-Cookie once / Cookie each time",
    "all clients behind one address: the busiest of 5 servers has",
    "a server of 5 dies: other sessions that move",
    "it comes back: sessions elsewhere than before",
    "5 servers become 6: sessions that move (a hash must move 16.7 %)",
    "clients change their address: sessions that move",
  ];
  const lines = [head, head.map(() => "---"), ...rows.map((row) => Object.values(row))];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

test("the table in docs/what-it-costs.md is what the filter does", { timeout: 120_000 }, async () => {
  const rows: Costs[] = [];
  for (const method of METHODS) rows.push(await measure(method));
  const doc = readFileSync(DOC, "utf8");
  const [start, end] = [doc.indexOf(BEGIN) + BEGIN.length, doc.indexOf(END)];
  const now = `${doc.slice(0, start)}\n${table(rows)}\n${doc.slice(end)}`;
  if (process.env.UPDATE_DOCS === "1") writeFileSync(DOC, now);
  else expect(now, "run it with UPDATE_DOCS=1 to write the table anew").toBe(doc);
});
