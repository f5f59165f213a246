import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Installer } from "../../scripts/tools/installers.js";
import { findOrInstall } from "../../scripts/tools/need.js";
import type { Tool } from "../../scripts/tools/table.js";

let folder: string;
const before = process.env.PATH;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "limpet-tools-"));
  process.env.PATH = folder;
});
afterEach(() => {
  process.env.PATH = before;
  delete process.env.LIMPET_SAMPLE;
  rmSync(folder, { recursive: true, force: true });
});

/** A program that prints a version. */
function program(name: string, version: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\necho "sample ${version}"\n`);
  chmodSync(path, 0o755);
  return path;
}

function sample(installer: Partial<Installer> = {}): Tool {
  return {
    title: "Sample 2",
    override: "LIMPET_SAMPLE",
    command: "sample",
    version: { args: ["--version"], pattern: /sample 2\./ },
    install: {
      installed: () => undefined,
      command: () => "install sample",
      obstacle: () => "no way",
      install: () => Promise.resolve(),
      ...installer,
    },
  };
}

const find = (tool: Tool) => findOrInstall("envoy", tool);

test("a program on PATH is taken, if its version is right", async () => {
  const path = program("sample", "2.1");
  expect(await find(sample())).toEqual({ path });
  program("sample", "1.9");
  expect(await find(sample())).toEqual({ missing: "envoy", reason: "no way", command: "install sample" });
});

test("the environment's choice goes first, and is refused if it is not the program", async () => {
  program("sample", "2.1");
  process.env.LIMPET_SAMPLE = program("other", "2.2");
  expect(await find(sample())).toEqual({ path: join(folder, "other") });
  process.env.LIMPET_SAMPLE = join(folder, "none");
  expect(await find(sample())).toMatchObject({
    reason: `LIMPET_SAMPLE is ${join(folder, "none")}, which does not run as Sample 2`,
  });
});

test("one that was installed before goes before PATH", async () => {
  program("sample", "2.1");
  expect(await find(sample({ installed: () => "/its/own/place" }))).toEqual({ path: "/its/own/place" });
});

test("a missing one is installed where nothing stands against it", async () => {
  const install = async () => void program("sample", "2.3");
  expect(await find(sample({ obstacle: () => undefined, install }))).toEqual({ path: join(folder, "sample") });
});

test("an installation that fails, or installs something else, says so", async () => {
  const failing = sample({ obstacle: () => undefined, install: () => Promise.reject(new Error("no network")) });
  expect(await find(failing)).toMatchObject({ reason: "no network" });
  expect(await find(sample({ obstacle: () => undefined }))).toMatchObject({
    reason: "it was installed, but there is still no usable sample",
  });
});
