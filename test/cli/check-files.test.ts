/** `limpet check` as CI runs it: what it prints, and its exit codes. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "limpet-check-"));
afterAll(() => rmSync(folder, { recursive: true }));
const bad = join(folder, "bad.yaml");
const text = readFileSync("envoy/cookie-insert.yaml", "utf8").replace("same_site: Lax", "same_site: Lox");
writeFileSync(bad, text);
/** Where the mistake is, from 1. */
const badLine = text.slice(0, text.indexOf("same_site: Lox")).split("\n").length;

function limpet(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ["scripts/bootstrap.mjs", ...args], (_, stdout, stderr) =>
      resolve({ status: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

test("a file that is fine: 0", async () => {
  expect(await limpet("check", "envoy/cookie-insert.yaml")).toMatchObject({
    status: 0,
    stdout: "1 file: nothing wrong\n",
  });
});

test("a problem: 1, and its place", async () => {
  const { status, stdout } = await limpet("check", "envoy/cookie-insert.yaml", bad);
  expect(status).toBe(1);
  expect(stdout).toMatch(/bad\.yaml:\d+:\d+: error: rules\[0\]\.pin\.cookie\.same_site: .* got "Lox" \[filter\]/);
  expect(stdout).toContain(`bad.yaml:${badLine}:`);
  expect(stdout).toContain("2 files: 1 problem");
});

test("--json: 1, and a list", async () => {
  const { status, stdout } = await limpet("check", "--json", bad);
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject([{ id: "filter", severity: "error", line: badLine }]);
});

test.each([[["check"]], [["check", "no-such-file.yaml"]], [["check", "--no-such-option", bad]]])(
  "%j: 2",
  async (args) => {
    const { status, stdout, stderr } = await limpet(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).not.toBe("");
  },
);

test("limpet schema prints the file", async () => {
  expect((await limpet("schema")).stdout).toBe(readFileSync("envoy/limpet.schema.json", "utf8"));
  expect(JSON.parse((await limpet("schema", "--envoy")).stdout).definitions.limpet.properties.rules).toBeDefined();
});
