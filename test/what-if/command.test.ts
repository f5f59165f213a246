/** `limpet whatif` as a person runs it: processes and worker threads. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { nodeCommand, run } from "../../scripts/project.js";

const PLAN = "examples/whatif/scale-out.yaml";
const LIMIT = { timeout: 120_000 };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "limpet-whatif-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const [node] = nodeCommand("");
const whatif = (...args: string[]) => run([node, "scripts/bootstrap.mjs", "whatif", ...args]);

/** What was printed as JSON, behind the bootstrap's own lines. */
const json = (output: string) => JSON.parse(output.slice(output.indexOf("{\n"), output.lastIndexOf("}") + 1));

test("the figures do not depend on the number of workers, and do on the seed", LIMIT, async () => {
  const outputs: string[] = [];
  for (const args of [["1"], ["3"], ["2", "--seed", "7"]]) {
    const { status, output } = await whatif(PLAN, "--scale", "0.002", "--json", "--workers", ...args);
    expect(status).toBe(0);
    const { timing, ...figures } = json(output);
    expect(timing.decisions_per_second_per_core).toBeGreaterThan(0);
    outputs.push(JSON.stringify(figures.policies));
  }
  expect(outputs[1]).toBe(outputs[0]);
  expect(outputs[2]).not.toBe(outputs[0]);
});

test("the report is one file that loads nothing", LIMIT, async () => {
  const file = join(folder, "report.html");
  const { status, output } = await whatif(PLAN, "--scale", "0.002", "--html", file);
  expect(status).toBe(0);
  expect(output).toContain("rendezvous");
  const page = readFileSync(file, "utf8");
  expect(page).toContain("default-src 'none'; script-src 'sha256-");
  expect(page).not.toMatch(/\s(?:src|href)=|@import|url\(/);
  expect(page).toContain("prefers-color-scheme: dark");
});

test("a plan's mistake and a policy that is refused are told, and the exit code is 1", LIMIT, async () => {
  const plan = join(folder, "plan.yaml");
  const text =
    "title: t\nservers: 2\nclients: [{count: 1, requests: 1}]\npolicies: [{name: p, policy: {rules: [{hash: {cookei: x}}]}}]\n";
  writeFileSync(plan, text.replace("requests: 1", "requests: none"));
  expect(await whatif(plan)).toMatchObject({
    status: 1,
    output: expect.stringContaining(`${plan}:3:32: clients[0].requests`),
  });
  writeFileSync(plan, text);
  expect(await whatif(plan)).toMatchObject({ status: 1, output: expect.stringContaining("rules[0].hash.cookei") });
  writeFileSync(plan, text.replace("cookei: x", "property: request.host"));
  const { status, output } = await whatif(plan);
  expect(status).toBe(1);
  expect(output).toContain(
    "policy p: the policy asks for the attribute request.host, which limpet whatif does not play",
  );
});
