import { expect, test } from "vitest";
import { parseDocument } from "yaml";
import { clientOptions, readMethod } from "../../host-sim/cli/check/method.js";
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

function method(configuration: string) {
  return readMethod(parseDocument(`filter: {configuration: {value: ${configuration}}}`));
}

test("clients bring what the rules look at", () => {
  const cookie = method("{rules: [{pin: {cookie: {name: A}}}]}");
  expect(cookie).toMatchObject({ remembers: true, writesCookie: true, byAddress: false });
  expect(clientOptions(cookie, 4, ["S1", "S2"])).toEqual({ headers: {}, localAddress: undefined });

  const hashes = method(`'{"rules": [{"hash": {"client_ip": {}}}, {"hash": {"header": "X-Session"}}]}'`);
  expect(hashes).toMatchObject({ remembers: false, byAddress: true });
  expect(clientOptions(hashes, 4, ["S1", "S2"])).toEqual({
    headers: { "X-Session": "session-4" },
    localAddress: "127.0.5.1",
  });

  const route = method("{rules: [{route: {header: X-Server-ID}}]}");
  expect(clientOptions(route, 5, ["S1", "S2"]).headers).toEqual({ "X-Server-ID": "S2" });
});
