import type { StatsConfig } from "../../envoy-config/index.js";

type Tag = [name: string, value: string];

/** Envoy's default tags, as far as the simulator's stats have them: group 1 leaves the name, group 2 is the value. */
const DEFAULT_TAGS: [name: string, expression: RegExp][] = [
  ["envoy.response_code", /_rq(_(\d{3}))$/],
  ["envoy.response_code_class", /_rq_((\d))xx$/],
  ["envoy.cluster_name", /^cluster\.((.+?)\.)(?=[^.]+(\.upstream_rq_[^.]+)?$|health_check\.)/],
  ["envoy.http_conn_manager_prefix", /^http\.((.+?)\.)/],
  ["envoy.listener_address", /^listener\.((\d+\.\d+\.\d+\.\d+_\d+|\[.+\]_\d+)\.)/],
];

/** A stat's name without the parts that are tags, and the tags (Envoy: `TagProducerImpl`). */
export function tagsOf(fullName: string, config: StatsConfig): { name: string; tags: Tag[] } {
  const fixed = config.tags.flatMap(({ name, fixedValue }): Tag[] =>
    fixedValue === undefined ? [] : [[name, fixedValue]],
  );
  const expressions: [string, RegExp][] = config.tags.flatMap(({ name, regex }): [string, RegExp][] =>
    regex === undefined ? [] : [[name, regex]],
  );
  if (config.useAllDefaultTags) expressions.unshift(...DEFAULT_TAGS);
  const tags: Tag[] = [...fixed];
  let name = fullName;
  for (const [tag, expression] of expressions) {
    const match = expression.exec(name);
    const part = match?.[1];
    if (match === null || part === undefined) continue;
    tags.push([tag, match[2] ?? part]);
    const at = match.index + match[0].indexOf(part);
    name = name.slice(0, at) + name.slice(at + part.length);
  }
  return { name, tags };
}

/** Envoy: `PrometheusStatsFormatter::metricName`; a filter's own metric stands without `envoy_`. */
export function prometheusName(name: string): string {
  const own = /^wasmcustom\.(.*)$/s.exec(name)?.[1];
  const clean = (own ?? name).replaceAll(/[^a-zA-Z0-9_]/g, "_");
  if (own === undefined) return `envoy_${clean}`;
  return /^\d/.test(clean) ? `_${clean}` : clean;
}
