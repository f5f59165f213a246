/** The project of examples/testing, as `npm install` would link it: its suite passes, and its types hold. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inProject, nodeCommand, ROOT, run } from "../../scripts/project.js";

const LIMIT_MS = 120_000;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "limpet-example-"));
  cpSync(inProject("examples/testing"), folder, { recursive: true });
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  for (const [name, target] of [
    ["limpet", "."],
    ["@types", "node_modules/@types"],
  ] as const) {
    rmSync(join(folder, "node_modules", name), { recursive: true, force: true });
    symlinkSync(join(ROOT, target), join(folder, "node_modules", name));
  }
  // What package.json exports is in dist/, which `npm test` has compiled; here the sources may be newer.
  expect(await run(nodeCommand("typescript/bin/tsc", "-p", "tsconfig.build.json"))).toMatchObject({ status: 0 });
}, LIMIT_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("its suite passes", { timeout: LIMIT_MS }, async () => {
  const { status, output } = await run([process.execPath, "--test", "--test-reporter=tap"], { folder });
  expect(output).toMatch(/# pass 3\n# fail 0/);
  expect(status).toBe(0);
});

test("its types hold, in a project that checks what it imports", { timeout: LIMIT_MS }, async () => {
  expect(await run(nodeCommand("typescript/bin/tsc", "-p", "."), { folder })).toEqual({ status: 0, output: "" });
});
