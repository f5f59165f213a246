/** docs/support.md and docs/abi.md say what is there, no more and no less. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { HOST_CALLS } from "../../host-sim/wasm-host/host-calls/table.js";

const support = readFileSync("docs/support.md", "utf8");

/** The words of a list in the filter's source: what its configuration accepts, or reports. */
function words(file: string, list: string): string[] {
  const source = readFileSync(`assembly/${file}`, "utf8");
  const [, found] = new RegExp(`^const ${list}\\b[^=]*= \\[([^\\]]*)\\]`, "m").exec(source) ?? [];
  if (found === undefined) throw new Error(`assembly/${file} has no list ${list}`);
  return [...found.matchAll(/"([^"]+)"/g)].map(([, word]) => word ?? "");
}

/** The words in backticks in the line of a table that begins with this cell, from the second cell on. */
function line(first: string): string[] {
  const found = support.split("\n").find((text) => text.startsWith(`| ${first} |`));
  if (found === undefined) throw new Error(`docs/support.md has no line "${first}"`);
  return [...(found.split("|").slice(2).join("|") ?? "").matchAll(/`([^`]+)`/g)].map(([, word]) => word ?? "");
}

const strategies = support.slice(support.indexOf("| strategy"), support.indexOf("| a token's"));

test("every strategy has a line, and there are no others", () => {
  const lines = [...strategies.matchAll(/^\| `(\w+)` \|/gm)].map(([, word]) => word);
  expect(lines.sort()).toEqual(words("config/rules.ts", "STRATEGIES").sort());
});

test.each([
  [
    "`route`",
    [
      ["config/source.ts", "SOURCES"],
      ["config/rules.ts", "ID_PLACES"],
    ],
    ["first_of"],
  ],
  [
    "`pin`",
    [
      ["config/pin.ts", "CARRIERS"],
      ["config/pin.ts", "COOKIE_MODES"],
      ["config/pin.ts", "HEADER_MODES"],
    ],
    [],
  ],
  ["a token's `value`", [["config/token-value.ts", "VALUES"]], ["dynamic"]],
  ["`algorithm` of a hash", [["config/algorithm.ts", "WORDS"]], []],
  ["`function` of HAProxy's hashes", [["config/algorithm.ts", "FUNCTIONS"]], []],
  ["a server's `state`", [["config/servers.ts", "STATES"]], []],
  ["what became of a request", [["remember/outcome.ts", "WORDS"]], ["/stats", "%FILTER_STATE(wasm.limpet:PLAIN)%"]],
] as const)("the words of %s", (first, lists, others) => {
  const expected = [...lists.flatMap(([file, list]) => words(file, list)), ...others];
  expect([...new Set(line(first))].sort()).toEqual([...new Set(expected)].sort());
});

test("the table of host functions", async () => {
  const rows = HOST_CALLS.map(({ module, name, abi, specified, call, note }) => {
    const where = module === "env" ? `\`${name}\`` : `\`${name}\` (WASI)`;
    return `| ${where} | ${abi.join(", ")} | ${specified ? "yes" : "no"} | ${call ? "yes" : "traps"} | ${note ?? ""} |`;
  });
  const page = [
    "# The proxy-wasm host functions",
    "",
    "Every function that a module may import from the simulator's host, for each version of the ABI. A function that is not",
    "implemented traps, by its name, when it is called. `npm test -- unit` holds this page to the table in",
    "`host-sim/wasm-host/host-calls/`; `npx vitest run --project unit test/docs -u` writes it anew.",
    "",
    "| function | ABI | in proxy-wasm/spec v0.2.1 | implemented | |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
    "",
  ];
  await expect(page.join("\n")).toMatchFileSnapshot("../../docs/abi.md");
});
