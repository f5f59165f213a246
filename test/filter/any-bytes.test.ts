/** Whatever bytes a client, a server or an administrator sends: a decision, never a trap. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HeaderField, Plugin } from "../../host-sim/wasm-host/index.js";
import { asJson, asStruct, type Configuration, STICKY, seed, startVm } from "./filter.js";
import { handoffOf, type Visited, type VisitRequest, visit } from "./visit.js";

const SEED = seed();
const LARGEST = 64 * 1024;

const check = <T>(runs: number, arbitrary: fc.Arbitrary<T>, property: (value: T) => void) =>
  fc.assert(fc.property(arbitrary, property), { seed: SEED, numRuns: runs });

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

/** Any bytes, most often short ones. */
const anyBytes = fc.oneof(
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: LARGEST, size: "max" }) },
);

/** What means something in a cookie header, in any order. */
const cookieParts = fc.array(
  fc.constantFrom(
    "SERVERID",
    "=",
    ";",
    "; ",
    " ",
    "S1",
    "S2",
    "a",
    "a=1",
    "$Path=/",
    '"',
    ",",
    "~",
    "\t",
    "\0",
    "\xff",
    ".",
  ),
  { maxLength: 60 },
);

const cookieLine = fc.oneof(
  anyBytes.map(latin1),
  cookieParts.map((parts) => parts.join("")),
  fc
    .tuple(cookieParts, fc.integer({ min: 1, max: LARGEST / 8 }))
    .map(([parts, times]) => (parts.join("") || ";").repeat(times).slice(0, LARGEST)),
);

const RULES: Configuration[] = [
  { pin: { cookie: { name: "SERVERID", value: "server_id" } } },
  { route: { header: "x-server-id" } },
  { hash: { client_ip: { ipv4_prefix: 24, ipv6_prefix: 64 } } },
];
const EVERY_RULE: Configuration = { ...STICKY, rules: RULES };

const pass = (plugin: Plugin, request: VisitRequest, answer: HeaderField[] = [], configuration = EVERY_RULE): Visited =>
  visit(plugin, request, { servedBy: "127.0.0.1:8003", headers: answer }, handoffOf(configuration));

describe("the Cookie header", { timeout: 120_000 }, () => {
  test("of any bytes: the application sees every cookie but the proxy's own", async () => {
    const { start, vm } = await startVm();
    const plugin = start(asStruct(EVERY_RULE));
    check(250, fc.array(cookieLine, { minLength: 1, maxLength: 3 }), (lines) => {
      const { request } = pass(plugin, { headers: lines.map((line) => ["cookie", line]) });
      const seen = request.filter(([name]) => name === "cookie").flatMap(([, line]) => cookies(line));
      expect(seen).toEqual(lines.flatMap(cookies).filter((cookie) => !isOurs(cookie)));
    });
    expect(vm.failed).toBe(false);
  });

  test("with a server's name in it, somewhere: that server is asked for, or the address's own", async () => {
    const { start } = await startVm();
    const plugin = start(asStruct(STICKY));
    const byId: Record<string, string> = { S1: "127.0.0.1:8001", S2: "127.0.0.1:8002", S3: "127.0.0.1:8003" };
    check(250, cookieLine, (line) => {
      const named = line
        .split(";")
        .filter(isOurs)
        .map((cookie) => byId[valueIn(cookie)]);
      const first = named.find((address) => address !== undefined);
      const { asked, response } = pass(plugin, { headers: [["cookie", line]] }, [], STICKY);
      expect(asked).toEqual(first === undefined ? [] : [first]);
      expect(response.filter(([name]) => name === "set-cookie")).toHaveLength(first === undefined ? 1 : 0);
    });
  });
});

/** A line's cookies without the attributes behind the proxy's own, and without those that are empty. */
function cookies(line: string): string[] {
  const kept: string[] = [];
  let behindOurs = false;
  for (const segment of line.split(";")) {
    const cookie = trim(segment);
    if (isOurs(segment)) behindOurs = true;
    else if (behindOurs && (cookie === "" || cookie.startsWith("$"))) continue;
    else behindOurs = false;
    if (cookie !== "") kept.push(cookie);
  }
  return kept;
}

const trim = (text: string) => text.replace(/^[ \t]+|[ \t]+$/g, "");
const isOurs = (segment: string) =>
  segment.includes("=") && trim(segment.slice(0, segment.indexOf("="))) === "SERVERID";
const valueIn = (segment: string) => trim(segment.slice(segment.indexOf("=") + 1));

describe("other headers and properties", { timeout: 120_000 }, () => {
  test("of any bytes, in any number: each request has its decision", async () => {
    const { start, services } = await startVm();
    const plugin = start(asStruct(EVERY_RULE));
    const name = fc.constantFrom("x-server-id", "cookie", "x-limpet-upstream", "host", "x-other");
    const header = fc.tuple(name, anyBytes.map(latin1)).map((field): HeaderField => field);
    const response = fc.tuple(fc.constantFrom("set-cookie", "cache-control", "etag", "x-limpet-upstream"), cookieLine);
    const from = fc.oneof(
      fc.ipV4().map((ip) => `${ip}:80`),
      fc.ipV6().map((ip) => `[${ip}]:80`),
      anyBytes.map(latin1),
    );
    const visits = fc.tuple(fc.array(header, { maxLength: 6 }), fc.array(response, { maxLength: 4 }), from);
    let count = 0;
    check(250, visits, ([headers, answer, address]) => {
      pass(plugin, { headers, from: address }, answer as HeaderField[]);
      count++;
    });
    const outcomes = [...services.metrics.all()].filter((metric) => metric.name.includes(".outcome."));
    expect(outcomes.reduce((sum, metric) => sum + Number("value" in metric ? metric.value : 0), 0)).toBe(count);
  });

  test("of the response: other Set-Cookie lines stay byte for byte and in order", async () => {
    const { start } = await startVm();
    const plugin = start(asStruct(STICKY));
    check(250, fc.array(cookieLine, { maxLength: 5 }), (lines) => {
      const answer = lines.map((line): HeaderField => ["set-cookie", line]);
      const { response } = pass(plugin, { headers: [["cookie", "SERVERID=S1"]] }, answer, STICKY);
      const isOtherCookie = (line: string) => !isOurs(line);
      expect(response.map(([, value]) => value)).toEqual(lines.filter(isOtherCookie));
    });
  });
});

describe("a configuration", { timeout: 120_000 }, () => {
  test("of any bytes is refused with a reason", async () => {
    const { complaints } = await startVm();
    check(300, fc.uint8Array({ maxLength: 2000 }), (bytes) => {
      expect(complaints(bytes).join()).toMatch(/^limpet: \S/);
    });
  });

  test("of any JSON is refused with a reason, as a Struct the same", async () => {
    const { complaints } = await startVm();
    // Numbers that a double has to the last digit: JSON is read for a configuration's.
    const number = fc.integer().map((n) => n / 64);
    const values = [number, fc.integer(), fc.string(), fc.boolean(), fc.constant(null)];
    const names = fc.constantFrom("servers", "rules", "handoff", "name", "x");
    const json = fc.dictionary(names, fc.anything({ values, maxDepth: 4 }), { maxKeys: 5 });
    check(300, json, (value) => {
      const lines = complaints(asJson(value));
      expect(lines.join()).toMatch(/^limpet: \S/);
      expect(complaints(asStruct(value))).toEqual(lines);
    });
  });

  test("that is good but for one byte is taken, or refused with a reason", async () => {
    const whole = [asStruct(EVERY_RULE), asJson(EVERY_RULE)];
    const { complaints } = await startVm();
    const damage = fc.tuple(fc.constantFrom(0, 1), fc.nat(), fc.integer({ min: 0, max: 255 }));
    check(600, damage, ([form, place, byte]) => {
      const bytes = whole[form]!.slice();
      bytes[place % bytes.length] = byte;
      for (const line of complaints(bytes)) expect(line).toMatch(/^limpet: \S/);
    });
  });

  test.each([65, 500])("with %i levels is refused, as a Struct and as JSON", async (levels) => {
    const { complaints } = await startVm();
    let deep: unknown = 1;
    for (let i = 0; i < levels; i++) deep = [deep];
    const struct = /expected a google.protobuf.Struct of at most 64 levels/;
    expect(complaints(asStruct({ name: deep }))).toEqual([expect.stringMatching(struct)]);
    expect(complaints(asJson({ name: deep }))).toEqual([expect.stringMatching(/expected at most 64 levels at line 1/)]);
  });
});
