import { expect, test } from "vitest";
import { scenarios } from "../../scenarios/stage/scenarios.js";
import { cluster, type Plain } from "../stage/configuration.js";
import { sharedStage, steady } from "../stage/stage.js";

const direct = (text: string, match: Plain = { prefix: "/" }) => ({
  match,
  direct_response: { status: 200, body: { inline_string: text } },
});

scenarios("Virtual hosts", (target) => {
  const host = (name: string, ...domains: string[]) => ({ name, domains, routes: [direct(name)] });
  const stage = sharedStage(target, {
    parts: () => ({
      virtualHosts: [
        host("exact", "exact.com", "exact.com:81"),
        host("suffix", "*.foo.com", "*-bar.foo.com"),
        host("longer suffix", "*.bar.foo.com"),
        host("prefix", "www.*"),
        { name: "rest", domains: ["*"], routes: [direct("rest", { path: "/nothing" })] },
      ],
    }),
  });

  test.each([
    ["exact.com", "exact"],
    ["EXACT.com", "exact"],
    ["exact.com:80", ""],
    ["exact.com:81", "exact"],
    ["a.foo.com", "suffix"],
    ["foo.com", ""],
    [".foo.com", ""],
    ["x-bar.foo.com", "suffix"],
    ["a.bar.foo.com", "longer suffix"],
    ["bar.foo.com", "suffix"],
    ["www.q.org", "prefix"],
    ["www.", ""],
    ["WWW.Q", "prefix"],
    ["www.foo.com", "suffix"],
  ])("%s", async (authority, expected) => {
    expect((await stage().send(`GET / HTTP/1.1\r\nhost: ${authority}\r\n\r\n`)).body).toBe(expected);
  });
});

scenarios("Routes", (target) => {
  const stage = sharedStage(target, {
    backends: 2,
    parts: (ports) => ({
      clusters: [cluster("app", [ports[0]!]), cluster("other", [ports[1]!])],
      routes: [
        direct("path", { path: "/path" }),
        direct("header", {
          prefix: "/header",
          headers: [
            { name: "x-present", present_match: true },
            { name: "x-not", string_match: { prefix: "ab" }, invert_match: true },
          ],
        }),
        direct("regex", {
          prefix: "/header",
          headers: [{ name: "x-regex", string_match: { safe_regex: { regex: "[a-c]+" } } }],
        }),
        { match: { prefix: "/by-header" }, route: { cluster_header: "x-cluster" } },
        {
          match: { prefix: "/weighted" },
          route: {
            weighted_clusters: {
              clusters: [
                { name: "app", weight: 0 },
                { name: "other", weight: 5 },
              ],
            },
          },
        },
        { match: { prefix: "/redirect" }, direct_response: { status: 302 } },
        { match: { prefix: "/app" }, route: { cluster: "app" } },
      ],
    }),
  });

  test.each([
    ["/path", "path"],
    ["/path?x=y", "path"],
    ["/path/", ""],
    ["/Path", ""],
    ["/app/x", "S1"],
    ["/application", "S1"],
    ["/weighted", "S2"],
  ])("GET %s", async (path, expected) => {
    expect((await stage().get(path)).body).toBe(expected);
  });

  test.each([
    [["x-present: 1"], ""],
    [["x-present: 1", "x-not: zbc"], "header"],
    [["x-present: 1", "x-not: abc"], ""],
    [["x-not: zbc"], ""],
    [["x-regex: abcabc"], "regex"],
    [["x-regex: abcd"], ""],
  ])("by headers: %j", async (lines, expected) => {
    expect((await stage().get("/header", ...lines)).body).toBe(expected);
  });

  test("a header that names the cluster", async () => {
    expect((await stage().get("/by-header", "x-cluster: app")).body).toBe("S1");
    expect((await stage().get("/by-header", "x-cluster: other")).body).toBe("S2");
    for (const lines of [[], ["x-cluster: nosuch"]]) {
      const answer = await stage().get("/by-header", ...lines);
      expect([answer.startLine, answer.body]).toEqual(["HTTP/1.1 503 Service Unavailable", ""]);
    }
  });

  test("no route", async () => {
    expect(steady((await stage().get("/nowhere")).raw).split("\r\n")).toEqual([
      "HTTP/1.1 404 Not Found",
      "date: DATE",
      "server: envoy",
      "content-length: 0",
      "",
      "",
    ]);
  });

  test("a direct response, also to a HEAD, and one that redirects", async () => {
    const head = [
      "HTTP/1.1 200 OK",
      "content-length: 4",
      "content-type: text/plain",
      "date: DATE",
      "server: envoy",
      "",
    ];
    expect(steady((await stage().get("/path")).raw).split("\r\n")).toEqual([...head, "path"]);
    const connection = await stage().connect();
    const toHead = await connection.exchange("HEAD /path HTTP/1.1\r\nhost: x\r\n\r\n", "response to HEAD");
    expect(steady(toHead.raw).split("\r\n")).toEqual([...head, ""]);
    const redirect = await stage().send("GET /redirect/a?b HTTP/1.1\r\nhost: x\r\n\r\n");
    expect(redirect.values("location")).toEqual(["http://x/redirect/a?b"]);
  });
});
