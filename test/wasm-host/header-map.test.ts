import { expect, test } from "vitest";
import { HeaderMap, lowerCase } from "../../host-sim/wasm-host/index.js";

test("pseudo-headers stand before all others, in the order of their coming", () => {
  const map = new HeaderMap("request", [
    ["x", "1"],
    [":path", "/"],
    ["y", "2"],
    [":method", "GET"],
  ]);
  expect(map.fields.map(([name]) => name)).toEqual([":path", ":method", "x", "y"]);
});

test("duplicates keep their places; get gives the first", () => {
  const map = new HeaderMap("response", [
    ["set-cookie", "a"],
    ["x", "1"],
    ["set-cookie", "b"],
  ]);
  expect(map.get("set-cookie")).toBe("a");
  expect(map.getAll("set-cookie")).toEqual(["a", "b"]);
  expect(map.get("absent")).toBeUndefined();
  expect(map.getAll("absent")).toEqual([]);
  expect(map.fields).toHaveLength(3);
});

test.each([
  ["request", "x-forwarded-for"],
  ["request", ":path"],
  ["response", "vary"],
  ["trailers", "grpc-status"],
] as const)("a %s keeps one %s, and joins what is added", (kind, name) => {
  const map = new HeaderMap(kind, [
    [name, "1"],
    [name, "2"],
  ]);
  expect(map.fields).toEqual([[name, "1,2"]]);
});

test.each([
  ["request", "vary"],
  ["request", "cookie"],
  ["response", "x-forwarded-for"],
  ["response", "set-cookie"],
  ["trailers", "via"],
] as const)("a %s keeps every %s", (kind, name) => {
  const map = new HeaderMap(kind, [
    [name, "1"],
    [name, "2"],
  ]);
  expect(map.getAll(name)).toEqual(["1", "2"]);
});

test("nothing is joined to an empty value", () => {
  const map = new HeaderMap("request", [["via", ""]]);
  map.add("via", "x");
  map.add("via", "");
  expect(map.get("via")).toBe("x");
});

test("replace removes all and adds one at the end", () => {
  const map = new HeaderMap("request", [
    ["x", "1"],
    ["y", "2"],
    ["x", "3"],
  ]);
  map.replace("x", "4");
  map.replace("via", "5");
  map.replace("via", "6");
  expect(map.fields).toEqual([
    ["y", "2"],
    ["x", "4"],
    ["via", "6"],
  ]);
});

test("a request's host is its :authority; a response's is not", () => {
  const request = new HeaderMap("request", [["host", "a"]]);
  expect(request.fields).toEqual([[":authority", "a"]]);
  expect(request.get("host")).toBe("a");
  request.remove("host");
  expect(request.fields).toEqual([]);
  expect(new HeaderMap("response", [["host", "a"]]).fields).toEqual([["host", "a"]]);
});

test("the list of fields is live", () => {
  const map = new HeaderMap("request", [["x", "1"]]);
  const { fields } = map;
  map.remove("x");
  map.add("y", "2");
  expect(fields).toEqual([["y", "2"]]);
});

test("lower case is of ASCII letters only", () => {
  expect(lowerCase("X-\xc0Z")).toBe("x-\xc0z");
  expect(lowerCase("x-\xc0")).toBe("x-\xc0");
});
