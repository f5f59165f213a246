import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Entry {
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
