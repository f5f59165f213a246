import { describe, expect, test } from "vitest";
import { EnvoyConfigError, parseBootstrap } from "../../host-sim/envoy-config/index.js";
import { scalarsBootstrap, scalarsInEnvoy } from "./scalars.js";

test("scalars in YAML are what Envoy makes of them", () => {
  const [cluster] = parseBootstrap(scalarsBootstrap(1), "scalars.yaml").clusters;
  expect(cluster!.metadata.scalars).toEqual(scalarsInEnvoy);
});

describe("scalars in JSON", () => {
  const bootstrap = (value: string) =>
    `{"static_resources": {"clusters": [{"name": "app", "metadata": {"filter_metadata": {"a": {"b": ${value}}}}}]}}`;

  test.each([
    ["1.5", 1.5],
    ["1e3", 1000],
    ["12345678901", 12345678901],
    ["true", true],
    ["null", null],
    ['"1"', "1"],
  ])("%s", (text, value) => {
    expect(parseBootstrap(bootstrap(text), "a.json").clusters[0]!.metadata.a).toEqual({ b: value });
  });

  test.each(["yes", "010", "~", ".5"])("%s is none", (scalar) => {
    const text = bootstrap(scalar);
    const column = text.indexOf(scalar) + 1;
    const problem = { file: "a.json", line: 1, column, path: "", message: `expected a JSON value, found ${scalar}` };
    expect(() => parseBootstrap(text, "a.json")).toThrow(new EnvoyConfigError([problem]));
  });
});
