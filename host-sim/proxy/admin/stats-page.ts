import { statName } from "../../wasm-host/index.js";
import type { AdminContext } from "./context.js";
import { formatHistogram } from "./histogram.js";
import { json, type Page, text } from "./page.js";
import { prometheusPage } from "./prometheus-page.js";
import { namesFilter } from "./stats-filter.js";

/** `/stats`: `filter` a regular expression on names, `format` text, json or prometheus. */
export function statsPage(query: URLSearchParams, context: AdminContext): Page {
  const format = query.get("format") ?? "text";
  if (format === "prometheus") return prometheusPage(query, context);
  if (format !== "text" && format !== "json") return text(400, "usage: /stats?format=(json|prometheus|text)\n\n");
  const wanted = namesFilter(query);
  if (typeof wanted === "string") return text(400, wanted);

  const numbers = context.stats.all().map(({ name, value }): [string, number | bigint] => [name, value]);
  const histograms: [string, string][] = [];
  for (const metric of context.metrics.all()) {
    if (metric.kind === "histogram") histograms.push([statName(metric), formatHistogram(metric)]);
    else numbers.push([statName(metric), metric.value]);
  }
  const rows = numbers.filter(([name]) => wanted(name)).sort(byName);
  if (format === "json") return json({ stats: rows.map(([name, value]) => ({ name, value: Number(value) })) });
  const lines = [...rows, ...histograms.filter(([name]) => wanted(name)).sort(byName)];
  return text(200, lines.map(([name, value]) => `${name}: ${value}\n`).join(""));
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
