/** The tables in docs/learned-sessions.md and the plot beside it, from what was measured. */
import { readFileSync, writeFileSync } from "node:fs";
import * as echarts from "echarts";
import { inProject } from "../../scripts/project.js";
import type { ContentionFigures, FillFigures, SizeFigures } from "./measure.js";
import { overflow } from "./overflow.js";

/** docs/learn-scale.json */
export interface Scale {
  date: string;
  machine: { processor: string; cores: number };
  seed: number;
  sizes: SizeFigures[];
  /** Of the table whose fill was raised. */
  fill_buckets: number;
  fills: FillFigures[];
  contention: ContentionFigures[];
}

export const SCALE_JSON = "docs/learn-scale.json";
const SVG = "docs/learn-scale.svg";
const PAGE = "docs/learned-sessions.md";

const BEGIN = "<!-- measured by npm run measure:learn -->";
const END = "<!-- end -->";

/** Writes the plot, and the page's text between its markers. Throws where the page has none. */
export function writeScale(scale: Scale): void {
  writeFileSync(inProject(SVG), plot(scale));
  const page = readFileSync(inProject(PAGE), "utf8");
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`${PAGE}: expected the lines "${BEGIN}" and "${END}"`);
  writeFileSync(inProject(PAGE), `${before}${BEGIN}\n${text(scale)}\n${END}${after}`);
}

/** What stands between the markers. */
export function text(scale: Scale): string {
  const { date, machine, seed, sizes, fills, fill_buckets, contention } = scale;
  return [
    `${date}, ${machine.processor}, seed ${seed}.`,
    table(
      ["sessions", "bytes a session", "in the simulator", "a lookup, µs", "a learn, µs", "wrong server"],
      sizes.map((row) => [
        row.sessions.toLocaleString("en"),
        row.bytes_a_session.toFixed(1),
        row.simulator_bytes_a_session?.toFixed(1) ?? "",
        (row.lookup_ns / 1000).toFixed(1),
        (row.learn_ns / 1000).toFixed(1),
        `${row.wrong}`,
      ]),
    ),
    `Sessions without a place, in a table of ${fill_buckets.toLocaleString("en")} buckets:`,
    table(
      ["fill", "evicted", "expected"],
      fills.map((row) => [percent(row.fill, 0), percent(row.evicted_share), percent(row.expected_share)]),
    ),
    "Eight workers, of which seven write between each reading and writing of the eighth:",
    table(
      ["buckets", "changes", "attempts a change", "given up", "expected", "lost uncounted"],
      contention.map((row) => [
        row.buckets.toLocaleString("en"),
        row.changes.toLocaleString("en"),
        row.attempts_a_change.toFixed(3),
        percent(row.given_up_share),
        percent(row.expected_share),
        `${row.lost_uncounted}`,
      ]),
    ),
  ].join("\n\n");
}

const percent = (share: number, digits = 2) => `${(share * 100).toFixed(digits)} %`;

const table = (head: string[], rows: string[][]) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** Evicted sessions against the fill: what was measured, on the curve that was expected. */
function plot({ fills }: Scale): string {
  const curve: [number, number][] = [];
  for (let fill = 50; fill <= 110; fill++) curve.push([fill, overflow(fill / 100) * 100]);
  const drawing = echarts.init(null, null, { renderer: "svg", ssr: true, width: 640, height: 320 });
  drawing.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    grid: { left: 60, right: 30, top: 40, bottom: 50 },
    legend: { top: 8 },
    xAxis: { name: "sessions for each 100 slots", nameLocation: "middle", nameGap: 28, min: 50, max: 110 },
    yAxis: { name: "evicted, %", nameLocation: "middle", nameGap: 36 },
    series: [
      { name: "expected (Poisson)", type: "line", showSymbol: false, data: curve, color: "#8a8f98" },
      {
        name: "measured",
        type: "scatter",
        data: fills.map(({ fill, evicted_share }) => [Math.round(fill * 100), evicted_share * 100]),
        color: "#0b6e4f",
      },
    ],
  });
  const svg = drawing.renderToSVGString();
  drawing.dispose();
  return `${svg}\n`;
}
