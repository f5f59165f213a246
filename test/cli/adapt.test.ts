import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { logRequests, movePorts } from "../../host-sim/cli/adapt.js";
import { parseFile, readLayout } from "../../host-sim/cli/layout.js";

const EXAMPLES = readdirSync("envoy").filter((name) => name.endsWith(".yaml"));
const MOVED = { port: 20000, adminPort: 20001, backendPorts: [20002, 20003, 20004] };

function load(name: string) {
  return parseFile(readFileSync(`envoy/${name}`, "utf8"), name);
}

describe.each(EXAMPLES)("%s", (name) => {
  test("uses the documented ports and servers", () => {
    expect(readLayout(load(name))).toEqual({
      listener: { host: "127.0.0.1", port: 10000 },
      admin: { host: "127.0.0.1", port: 9901 },
      servers: [
        { id: "S1", host: "127.0.0.1", port: 8001 },
        { id: "S2", host: "127.0.0.1", port: 8002 },
        { id: "S3", host: "127.0.0.1", port: 8003 },
      ],
    });
  });

  test("moves to other ports in every place that names one, and nowhere else", () => {
    const document = load(name);
    movePorts(document, readLayout(document), MOVED);
    const ports: Record<string, number> = { 10000: 20000, 9901: 20001, 8001: 20002, 8002: 20003, 8003: 20004 };
    const expected = JSON.stringify(load(name).toJS()).replace(
      /("port_value":|127\.0\.0\.1:)(10000|9901|800[123])\b/g,
      (_, before: string, port: string) => `${before}${ports[port]}`,
    );
    const moved = parseFile(document.toString({ lineWidth: 0 }), name).toJS();
    expect(JSON.stringify(moved)).toBe(expected);
    expect(expected).not.toMatch(/\b(10000|9901|800[123])\b/);
  });
});

test("ports inside JSON in a string move too; other hosts and numbers do not", () => {
  const document = load("cookie-insert.yaml");
  const configuration = '{"servers": [{"id": "S1", "address": "127.0.0.1:8001"}], "note": "10.127.0.0.1:8001 8001"}';
  document.setIn(["static_resources", "note"], document.createNode(configuration));
  movePorts(document, readLayout(document), MOVED);
  expect(document.getIn(["static_resources", "note"])).toBe(
    '{"servers": [{"id": "S1", "address": "127.0.0.1:20002"}], "note": "10.127.0.0.1:8001 8001"}',
  );
});

test("servers may swap their ports", () => {
  const document = load("cookie-insert.yaml");
  movePorts(document, readLayout(document), { backendPorts: [8002, 8003, 8001] });
  expect(readLayout(document).servers.map(({ id, port }) => [id, port])).toEqual([
    ["S1", 8002],
    ["S2", 8003],
    ["S3", 8001],
  ]);
});

test("as many backend ports as servers are asked for", () => {
  const document = load("cookie-insert.yaml");
  expect(() => movePorts(document, readLayout(document), { backendPorts: [1, 2] })).toThrow(
    "--backend-ports: expected 3 (S1, S2, S3) ports; got 2",
  );
});

test("a listener gets the request log, one with a log of its own keeps that", () => {
  const log = (document: ReturnType<typeof load>) => {
    const manager = ["static_resources", "listeners", 0, "filter_chains", 0, "filters", 0, "typed_config"];
    return document.getIn([...manager, "access_log"]);
  };
  const document = load("cookie-insert.yaml");
  logRequests(document, "requests.log");
  expect(JSON.stringify(log(document))).toContain('"path":"requests.log"');
  logRequests(document, "other.log");
  expect(JSON.stringify(log(document))).not.toContain("other.log");
});

test("an option for what the file does not have is refused", () => {
  const document = parseFile("a: 1", "x.yaml");
  expect(readLayout(document)).toEqual({ listener: undefined, admin: undefined, servers: [] });
  expect(() => movePorts(document, readLayout(document), { adminPort: 1 })).toThrow(
    "admin.address.socket_address: expected an address and a port_value: --admin-port moves it",
  );
});

test.each([
  ["a: [", /^x\.yaml: /],
  ["- 1", "x.yaml: expected an Envoy configuration in YAML"],
])("a file that is none is refused: %s", (text, message) => {
  expect(() => parseFile(text, "x.yaml")).toThrow(message);
});
