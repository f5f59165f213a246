/** docs/benchmarks.json, the table in docs/benchmarks.md, and its chart. */
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import * as echarts from "echarts";
import { inProject } from "../scripts/project.js";
import { markdownTable, writeMeasured } from "./page.js";
import type { Figures } from "./rounds.js";

export interface Report {
  figures: Record<string, Figures>;
  titles: { name: string; title: string }[];
  rounds: number;
  requests: number;
  connections: number;
}

/** Writes the three files; the page keeps its text around the table. */
export async function writeReport(report: Report): Promise<void> {
  const { figures, rounds, requests, connections } = report;
  const round = (value: number) => Math.round(value * 100) / 100;
  const variants = Object.fromEntries(
    Object.entries(figures).map(([name, row]) => [
      name,
      {
        cpu_us_min: round(row.cpu_us_min),
        cpu_us_median: round(row.cpu_us_median),
        added_us_median: round(row.added_us_median),
        added_us_interval: row.added_us_interval.map(round),
        added_us_p10: round(row.added_us_p10),
        added_us_p10_interval: row.added_us_p10_interval.map(round),
        requests_per_second_median: Math.round(row.requests_per_second_median),
        latency_us_median: Math.round(row.latency_us_median),
      },
    ]),
  );
  const machine = { processor: cpus()[0]?.model ?? "unknown", cores: availableParallelism() };
  const json = { date: new Date().toISOString().slice(0, 10), machine, rounds, requests, connections, variants };
  writeFileSync(inProject("docs/benchmarks.json"), `${JSON.stringify(json, undefined, 2)}\n`);
  writeFileSync(inProject("docs/benchmarks.svg"), chart(report));
  const told = `${new Date().toISOString().slice(0, 10)}, ${machine.processor}, ${rounds} rounds of ${requests} requests.`;
  writeMeasured("docs/benchmarks.md", "npm run bench", `${told}\n\n${table(report)}`);
}

function table({ figures, titles }: Report): string {
  const empty = figures["empty-wasm"]?.added_us_p10 ?? Number.NaN;
  const rust = figures["rust-proxy-wasm"]?.added_us_p10 ?? Number.NaN;
  const rows = titles.map(({ name, title }) => {
    const row = figures[name] as Figures;
    const isWhole = name.endsWith("-whole");
    const interval = (value: number, [low, high]: [number, number]) =>
      isWhole ? "" : `${value.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})`;
    const ratio = (base: number) => (isWhole ? "" : (row.added_us_p10 / base).toFixed(2));
    return [
      ...[
        `\`${name}\``,
        title,
        interval(row.added_us_p10, row.added_us_p10_interval),
        ratio(empty),
        ratio(rust),
        interval(row.added_us_median, row.added_us_interval),
        row.cpu_us_median.toFixed(1),
        row.cpu_us_min.toFixed(1),
      ],
      ...[row.requests_per_second_median.toFixed(0), row.latency_us_median.toFixed(0)],
    ];
  });
  const head = [
    ...["variant", "what it is", "added CPU, µs: 10th percentile (95 % interval)", "× empty filter", "× Rust"],
    ...["added CPU, µs: median (95 % interval)"],
    ...["CPU a request, median", "least", "requests/s", "mean latency, µs"],
  ];
  return markdownTable([head, ...rows]);
}

/** What each adds, as bars. */
function chart({ figures, titles }: Report): string {
  const shown = titles.filter(({ name }) => name !== "none" && !name.endsWith("-whole")).reverse();
  const rows = shown.map(({ name }) => figures[name] as Figures);
  const drawing = echarts.init(null, null, { renderer: "svg", ssr: true, width: 900, height: 40 + 26 * shown.length });
  drawing.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    grid: { left: 190, right: 40, top: 10, bottom: 40 },
    xAxis: { name: "CPU added to a request, µs (10th percentile)", nameLocation: "middle", nameGap: 24 },
    yAxis: { type: "category", data: shown.map(({ name }) => name) },
    series: [
      {
        type: "bar",
        data: rows.map((row, i) => ({
          value: row.added_us_p10,
          itemStyle: { color: isOurs(shown[i]?.title ?? "") ? "#0b6e4f" : "#8a8f98" },
        })),
        label: {
          show: true,
          position: "right",
          formatter: ({ value }: { value: unknown }) => Number(value).toFixed(1),
        },
      },
    ],
  });
  const svg = drawing.renderToSVGString();
  drawing.dispose();
  return `${svg}\n`;
}

const isOurs = (title: string) => title.startsWith("Limpet");
