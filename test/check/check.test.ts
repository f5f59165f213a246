/** `limpet check` as a function: each rule finds its mistake, where it stands, and nothing else. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { check } from "../../host-sim/check/check.js";
import { type Finding, formatFinding } from "../../host-sim/check/finding.js";
import { RULES } from "../../host-sim/check/rules/table.js";
import { verdictOf } from "../../host-sim/check/verdict.js";
import { ensureFilter, FILTER } from "../../scripts/build.js";
import { CASES, type Case } from "./cases.js";

await ensureFilter();
const asFilter = await verdictOf(FILTER);
const judge = async () => asFilter(true);

const example = (name: string) => readFileSync(`envoy/${name}.yaml`, "utf8");

function changed(text: string, replace: Case["replace"]): string {
  return replace.reduce((before, [from, to]) => {
    const after = before.replace(from, to);
    expect(after, `${from} fits nothing`).not.toBe(before);
    return after;
  }, text);
}

function positionOf(text: string, part: string): { line: number; column: number } {
  const offset = text.indexOf(part);
  expect(offset, `"${part}" stands nowhere`).toBeGreaterThanOrEqual(0);
  const lines = text.slice(0, offset).split("\n");
  return { line: lines.length, column: lines.at(-1)!.length + 1 };
}

const run = (text: string, file = "envoy.yaml"): Promise<Finding[]> => check([{ file, text }], judge);

test.each(readdirSync("envoy").filter((file) => file.endsWith(".yaml")))("envoy/%s: nothing wrong", async (file) => {
  expect((await run(readFileSync(`envoy/${file}`, "utf8"))).map(formatFinding)).toEqual([]);
});

describe("rules", () => {
  test.each(CASES)("$id in $example, at $at", async ({ id, example: name, replace, at, besides = [] }) => {
    const text = changed(example(name), replace);
    const findings = await run(text);
    const found = findings.filter((finding) => finding.id === id);
    expect(findings.map((finding) => finding.id).sort()).toEqual([...found.map(() => id), ...besides].sort());
    expect(found.length).toBeGreaterThan(0);
    expect(found.map(({ line, column }) => ({ line, column }))).toContainEqual(positionOf(text, at));
  });

  test.each<[what: string, ...Case["replace"][number]]>([
    ["reset covers a connection that is refused", /retry_on: [\w,-]+/, "retry_on: reset"],
    ["so does reset-before-request", /retry_on: [\w,-]+/, "retry_on: reset-before-request"],
    ["a predicate goes by its type", "name: envoy.retry_host_predicates.previous_hosts", "name: not-again"],
    ["a retry budget is enough", "{max_retries: 1024}", "{retry_budget: {budget_percent: {value: 50}}}"],
  ])("no false alarm: %s", async (_, from, to) => {
    const findings = await run(changed(example("cookie-insert"), [[from, to]]));
    expect(findings.filter(({ severity }) => severity !== "note").map(formatFinding)).toEqual([]);
  });

  test("every rule has a case", () => {
    const ids = new Set(CASES.map(({ id }) => id));
    expect(RULES.map(({ id }) => id).filter((id) => !ids.has(id))).toEqual([]);
  });

  test("docs/checks.md lists every rule, with its severity and what it means", () => {
    const lines = readFileSync("docs/checks.md", "utf8").split("\n");
    const rows = RULES.map(({ id, severity, means }) => `| \`${id}\` | ${severity} | ${means} |`);
    expect(lines.filter((line) => line.startsWith("| `")).sort()).toEqual(rows.sort());
  });
});

describe("the filter's verdict", () => {
  test.each([
    ["same_site: Lax", "same_site: Lox", "Lox", "rules[0].pin.cookie.same_site", /expected one of Strict/],
    ["same_site: Lax", "sameSite: Lax", "sameSite", "rules[0].pin.cookie.sameSite", /unknown field/],
    ['address: "127.0.0.1:8003"', 'adress: "127.0.0.1:8003"', "adress", "servers[2].adress", /unknown field/],
    ["name: SERVERID, ", "", "{value: server_id", "rules[0].pin.cookie.name", /it is missing/],
  ])("%s -> %s", async (from, to, at, path, message) => {
    const text = changed(example("cookie-insert"), [[from, to]]);
    const finding = (await run(text)).find((one) => one.path === path);
    expect(finding).toMatchObject({ id: "filter", severity: "error", ...positionOf(text, at) });
    expect(finding?.message).toMatch(message);
  });

  test("a policy's name may have dots", async () => {
    const policies =
      '$1policy_from: route_metadata\n$1policies: {shop.eu: {rules: [{pin: {cookie: {name: "A B"}}}]}}\n';
    const text = changed(example("cookie-sealed"), [[/( +)rules:\n[\s\S]*?max_life: 8h\}\n/, policies]]);
    expect(await run(text)).toContainEqual(
      expect.objectContaining({
        id: "filter",
        path: "policies.shop.eu.rules[0].pin.cookie.name",
        ...positionOf(text, '"A B"'),
      }),
    );
  });

  test("JSON in a StringValue is pointed at as a whole", async () => {
    const text = changed(example("cookie-sealed"), [
      ["google.protobuf.Struct", "google.protobuf.StringValue"],
      [/value:\n +rules:[\s\S]*?x-limpet-upstream\}\n/, `value: '{"rules": [{"pin": {}}]}'\n`],
    ]);
    expect(await run(text)).toMatchObject([{ id: "filter", path: "rules[0].pin", ...positionOf(text, `'{"rules"`) }]);
  });

  test("a number with a fraction is one, although Envoy hands over a text", async () => {
    const text = changed(example("cookie-sealed"), [
      [
        /( +)rules:\n[\s\S]*?max_life: 8h\}\n/,
        '$1servers: [{id: S1, address: "127.0.0.1:8001"}, {id: S2, address: "127.0.0.1:8002"}, {id: S3, address: "127.0.0.1:8003"}]\n$1rules: [{hash: {header: x, max_load: 1.25}}]\n',
      ],
    ]);
    expect(await run(text)).toEqual([]);
  });
});

describe("Envoy's own", () => {
  test("what Envoy refuses is an error", async () => {
    const text = changed(example("cookie-insert"), [["connect_timeout: 0.5s", "connect_timeout: soon"]]);
    expect(await run(text)).toMatchObject([{ id: "envoy", severity: "error", ...positionOf(text, "soon") }]);
  });

  test.each([
    ["lb_policy: ROUND_ROBIN", "lb_policy: ROUND_ROBIN\n    dns_lookup_family: V4_ONLY", "dns_lookup_family"],
    ["retry_on: connect-failure,", "retry_on: retriable-4xx,connect-failure,", "retriable-4xx"],
    ["lb_policy: ROUND_ROBIN", "lb_policy: CLUSTER_PROVIDED", "CLUSTER_PROVIDED"],
    ["stat_prefix: ingress", "stat_prefix: ingress\n          codec_type: HTTP2", "HTTP2"],
    ["{thresholds: [{max_retries: 1024}]}", "{thresholds: [{max_retries: 1024}, {priority: HIGH}]}", "[{max_retries"],
    [
      "          - name: envoy.filters.http.router",
      "          - name: envoy.filters.http.cors\n            typed_config: {'@type': type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors}\n          - name: envoy.filters.http.router",
      "type.googleapis.com/envoy.extensions.filters.http.cors",
    ],
  ])("what only the simulator does not know is a note: %s -> %s", async (from, to, at) => {
    const text = changed(example("cookie-insert"), [[from, to]]);
    const findings = await run(text);
    expect(findings.map(({ id, severity }) => `${id} ${severity}`)).toContain("not-checked note");
    expect(findings.filter(({ severity }) => severity !== "note")).toEqual([]);
    expect(findings[0]?.line).toBe(positionOf(text, at).line);
  });

  test("YAML that is none", async () => {
    expect(await run("a: [")).toMatchObject([{ id: "envoy", severity: "error", line: 1 }]);
  });

  test("a file without Limpet", async () => {
    expect(await run("static_resources: {}")).toMatchObject([{ id: "no-limpet", severity: "note" }]);
  });
});

test("several bootstraps are several Envoys", async () => {
  const sources = ["cookie-insert", "canary"].map((name) => ({ file: `${name}.yaml`, text: example(name) }));
  expect(await check(sources, judge)).toEqual([]);
});

test("files of discovery are checked together", async () => {
  const document = example("cookie-insert");
  const [, listeners = "", clusters = ""] = /listeners:\n([\s\S]*?)\n\n {2}clusters:\n([\s\S]*)$/.exec(document) ?? [];
  const resources = (type: string, items: string) =>
    `resources:\n${items.replace(/^ {2}- /gm, `- "@type": type.googleapis.com/${type}\n  `).replace(/^ {4}/gm, "  ")}`;
  const [lds, cds] = [
    resources("envoy.config.listener.v3.Listener", listeners),
    resources("envoy.config.cluster.v3.Cluster", clusters.replace("8003", "8004")),
  ];
  const findings = await check(
    [
      { file: "lds.yaml", text: lds },
      { file: "cds.yaml", text: cds },
    ],
    judge,
  );
  expect(findings.map(({ id, file }) => `${file} ${id}`)).toEqual([
    "lds.yaml server-without-endpoint",
    "cds.yaml endpoint-without-server",
  ]);
});
