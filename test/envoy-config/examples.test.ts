import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { loadBootstrap } from "../../host-sim/envoy-config/index.js";

const EXAMPLES = new URL("../../envoy/", import.meta.url);
const examples = readdirSync(EXAMPLES).filter((file) => file.endsWith(".yaml"));

test.each(examples)("envoy/%s loads, and nothing in it is ignored", (file) => {
  const { listeners, clusters, ignored } = loadBootstrap(new URL(file, EXAMPLES).pathname);
  expect(listeners.length).toBeGreaterThan(0);
  expect(clusters.length).toBeGreaterThan(0);
  expect(ignored).toEqual([]);
});
