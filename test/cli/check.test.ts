import { expect, test } from "vitest";
import { parseDocument } from "yaml";
import { readMethod } from "../../host-sim/cli/check/method.js";
import { assess, type Phase } from "../../host-sim/cli/check/verdict.js";

/** Visits from a sketch: a server's digit, `!` for a failure, `+` behind one that set a cookie. */
function phase(...clients: string[]): Phase {
  return clients.map((sketch) =>
    (sketch.match(/.\+?/g) ?? []).map((visit) => ({
      status: visit[0] === "!" ? 503 : 200,
      server: visit[0] === "!" ? undefined : `S${visit[0]}`,
      cookiesSet: visit.endsWith("+") ? ["SERVERID"] : [],
    })),
  );
}

const home = ["S1", "S2"];

test.each([
  ["all stay", phase("111", "222"), "none", undefined, []],
  ["one wanders", phase("131", "222"), "none", undefined, ["1 clients did not move 0 times"]],
  ["both move once and stay", phase("33+3", "111+"), "once", 1, []],
  ["one returns", phase("313", "111"), "once", undefined, ["1 clients did not move 1 times"]],
  ["one does not move", phase("111", "111"), "once", undefined, ["1 clients did not move 1 times"]],
  ["a computed session may wander", phase("323", "111"), "any", 0, []],
  ["a cookie too many", phase("1+1+1", "2+22"), "none", 1, ["1 clients did not get 1 cookies"]],
  ["an error", phase("1!1", "222"), "none", undefined, ["1 requests were not answered with 200"]],
] as const)("%s", (_, visits, moves, cookiesEach, faults) => {
  expect(assess("", visits, { from: home, moves, cookiesEach }).faults).toEqual(faults);
});

test("a row's figures", () => {
  expect(assess("a title", phase("13+1", "23!3"), { from: home, moves: "any" })).toMatchObject({
    title: "a title",
    clients: 2,
    requests: 7,
    answered: 6,
    moved: 1,
    moves: 3,
    cookies: 1,
  });
});

/** What the fifth client brings, and how its session is kept, for a list of rules in YAML. */
function brought(rules: string) {
  const servers = "[{id: A}, {id: B}, {id: C}]";
  const { values, ...method } = readMethod(
    parseDocument(`filter: {configuration: {value: {servers: ${servers}, rules: ${rules}}}}`),
  );
  return { ...method, values: values.map(({ place, name, of }) => `${place} ${name}=${of(4)}`) };
}

test.each([
  ["[{pin: {cookie: {name: A}}}]", { remembers: true, cookies: { first: 1, moved: 1 }, values: [] }],
  ["[{pin: {cookie: {name: A}}}, {route: {query: a}}]", { remembers: true, values: [] }],
  ["[{pin: {cookie: {name: A}}}, {hash: {client_ip: {}}}]", { remembers: true, byAddress: true }],
  ["[{pin: {header: {name: A}}}]", { remembers: true, keeps: ["A"], issued: [], cookies: { first: 0, moved: 0 } }],
  [
    "[{pin: {header: {name: A, mode: prefix}}}]",
    { remembers: false, keeps: ["A"], issued: [{ place: "header", name: "A" }] },
  ],
  [
    "[{pin: {cookie: {name: A, mode: rewrite}}}]",
    { remembers: false, issued: [{ place: "cookie", name: "A" }], cookies: { first: 1, moved: 0 } },
  ],
  ["[{cluster: {cookie: {name: C}}}, {pin: {cookie: {name: A}}}]", { cookies: { first: 2, moved: 1 } }],
  ["[{route: {header: X-Server-ID}}]", { remembers: false, values: ["header X-Server-ID=B"] }],
  [
    "[{route: {path: s, id: after_last}}, {hash: {path: s}}]",
    { values: ["path s=session-4.B"], title: "each with the path parameter s of its own" },
  ],
  ["[{route: {cookie: s, id: before_first, separator: '~'}}]", { values: ["cookie s=B~session-4"] }],
  ["[{route: {first_of: [{query: a}, {path: b}]}}]", { values: ["query a=B"] }],
  ["[{hash: {client_ip: {}}}]", { remembers: false, byAddress: true, values: [] }],
  ["[{hash: {client_ip: {}, max_load: 1.25}}]", { oneAtATime: true }],
  ["[{hash: {header: X-Session}}]", { values: ["header X-Session=session-4"] }],
])("what clients bring for %s", (rules, expected) => {
  expect(brought(rules)).toMatchObject(expected);
});

test("rules may stand as JSON in a string", () => {
  const json = JSON.stringify({ rules: [{ hash: { header: "H" } }] });
  const method = readMethod(parseDocument(`configuration: {value: '${json}'}`));
  expect(method.values).toMatchObject([{ place: "header", name: "H" }]);
});
