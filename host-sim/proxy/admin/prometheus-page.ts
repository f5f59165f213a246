import { HISTOGRAM_BOUNDS, type HistogramMetric, statName } from "../../wasm-host/index.js";
import type { AdminContext } from "./context.js";
import { type Page, text } from "./page.js";
import { prometheusName, tagsOf } from "./prometheus-names.js";
import { namesFilter } from "./stats-filter.js";

/** Envoy's page has the kinds one after the other. */
const KINDS = ["counter", "gauge", "histogram"];

/** `/stats/prometheus`: the stats of one name together, their tags as labels. */
export function prometheusPage(query: URLSearchParams, context: AdminContext): Page {
  const wanted = namesFilter(query);
  if (typeof wanted === "string") return text(400, wanted);
  const families = new Map<string, string[]>();
  const add = (kind: string, fullName: string, lines: (name: string, labels: string[]) => string[]) => {
    if (!wanted(fullName)) return;
    const { name, tags } = tagsOf(fullName, context.statsConfig);
    const family = prometheusName(name);
    const labels = tags.map(([tag, value]) => `${tag.replaceAll(/[^\w]/g, "_")}="${escapeLabel(value)}"`);
    const heading = `# TYPE ${family} ${kind}`;
    families.set(heading, [...(families.get(heading) ?? []), ...lines(family, labels)]);
  };
  for (const { name, kind, value } of context.stats.all()) add(kind, name, sample(value));
  for (const metric of context.metrics.all()) {
    add(metric.kind, statName(metric), metric.kind === "histogram" ? histogram(metric) : sample(metric.value));
  }
  const kind = (heading: string) => KINDS.indexOf(heading.split(" ").at(-1)!);
  const sorted = [...families].sort(([a], [b]) => kind(a) - kind(b) || (a < b ? -1 : 1));
  const body = sorted.map(([heading, lines]) => `${[heading, ...lines].join("\n")}\n`);
  return text(200, body.join(""));
}

function sample(value: number | bigint) {
  return (name: string, labels: string[]) => [`${name}{${labels.join(",")}} ${value}`];
}

function histogram({ buckets, count, sum }: HistogramMetric) {
  return (name: string, labels: string[]) => {
    let below = 0;
    const lines = HISTOGRAM_BOUNDS.map((bound, index) => {
      below += buckets[index]!;
      return `${name}_bucket{${[...labels, `le="${bound}"`].join(",")}} ${below}`;
    });
    return [
      ...lines,
      `${name}_bucket{${[...labels, 'le="+Inf"'].join(",")}} ${count}`,
      `${name}_sum{${labels.join(",")}} ${sum}`,
      `${name}_count{${labels.join(",")}} ${count}`,
    ];
  };
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
