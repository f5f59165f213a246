/** `limpet check`: everything wrong with Envoy files that use Limpet. */
import { examine } from "../envoy-config/index.js";
import { parseNode } from "../envoy-config/reader/document.js";
import { structBytes } from "../envoy-config/struct-bytes.js";
import { schemaValidator } from "../schema/validate.js";
import { splitComplaint, spotAt } from "./config-path.js";
import { type Finding, findingAt } from "./finding.js";
import { RULES } from "./rules/table.js";
import { type Site, type Subject, survey } from "./site.js";
import { type Source, Spot } from "./spot.js";
import type { Verdict } from "./verdict.js";

/** Asks the filter; `site` says which module its file names, and what its environment has. */
export type Judge = (site: Site) => Promise<Verdict>;

/**
 * Checks files together: a bootstrap, and what discovery reads (LDS, CDS).
 * @returns the findings by file and place; empty if all is well
 */
export async function check(sources: Source[], judge: Judge): Promise<Finding[]> {
  const findings: Finding[] = [];
  const roots: Spot[] = [];
  for (const source of sources) {
    findings.push(...readingOf(source));
    const root = parseNode(source.text, source.file, () => {});
    if (root) roots.push(new Spot(source, root, ""));
  }
  const subjects = together(roots).map(survey);
  if (subjects.every(({ sites }) => sites.length === 0) && roots[0]) {
    findings.push(findingAt(roots[0], "no-limpet", "note", "no HTTP filter here has the root_id limpet"));
  }
  const validate = schemaValidator();
  for (const subject of subjects) {
    for (const site of subject.sites) {
      findings.push(...(await verdictOn(site, judge, validate)), ...mistakes(site, subject));
    }
  }
  const order = sources.map(({ file }) => file);
  return findings.sort(
    (a, b) => order.indexOf(a.file) - order.indexOf(b.file) || a.line - b.line || a.column - b.column,
  );
}

/** Which files are one Envoy's: a bootstrap and all that discovery reads; of several bootstraps, each by itself. */
function together(roots: Spot[]): Spot[][] {
  const discovered = roots.filter((root) => root.get("resources"));
  const bootstraps = roots.filter((root) => !discovered.includes(root));
  return bootstraps.length > 1 ? [...bootstraps.map((root) => [root]), discovered] : [roots];
}

/** What Envoy would refuse, as far as the simulator knows Envoy; the rest is not checked. */
function readingOf({ text, file }: Source): Finding[] {
  const { problems, ignored } = examine(text, file);
  return [
    ...problems.map((problem) => ({ id: "envoy", severity: "error" as const, ...problem })),
    ...ignored.map(({ message, ...place }) => ({
      id: "not-checked",
      severity: "note" as const,
      ...place,
      message: `not checked: ${message}`,
    })),
  ];
}

/** The filter's own complaints; the schema's only where the filter has none. */
async function verdictOn(site: Site, judge: Judge, validate: ReturnType<typeof schemaValidator>): Promise<Finding[]> {
  const { configuration } = site;
  const verdict = await judge(site);
  const complaints = (await verdict(bytesOf(site))).map(splitComplaint);
  const byFilter = complaints.map(({ path, message }) => at(configuration, path, "filter", message));
  const places = new Set(complaints.map(({ path }) => path));
  const bySchema = validate(configuration.plain(true))
    .filter(() => places.size === 0)
    .map(({ path, message }) => at(configuration, path, "schema", message));
  return [...byFilter, ...bySchema];
}

function at(configuration: Spot, path: string, id: string, message: string): Finding {
  return { ...findingAt(spotAt(configuration, path, message.startsWith("unknown field")), id, "error", message), path };
}

/** What Envoy hands to the filter: the bytes of a Struct, or of a StringValue's text. */
function bytesOf({ plugin, configuration }: Site): Uint8Array {
  const value = plugin.get("configuration", "value");
  const text = value?.node.value;
  if (typeof text === "string") return new TextEncoder().encode(text);
  return value ? structBytes((configuration.plain() ?? {}) as Record<string, unknown>) : new Uint8Array();
}

function mistakes(site: Site, subject: Subject): Finding[] {
  const operates = site.configuration.get("operator")?.node.value === true;
  return RULES.filter(({ ofOperator = false }) => ofOperator === operates).flatMap(({ id, severity, look }) =>
    look(site, subject).map(({ at, message }) => findingAt(at, id, severity, message)),
  );
}
