import { defineConfig, mergeConfig } from "vitest/config";

/** Stories in which something must come to pass by the clock. */
const LONG_SCENARIOS = [
  "test/scenarios/discovery*.test.ts",
  "test/scenarios/drain.test.ts",
  "test/scenarios/learn.test.ts",
  "test/scenarios/learn-fleet.test.ts",
  "test/scenarios/learn-restart.test.ts",
  "test/scenarios/learn-store.test.ts",
  "test/scenarios/rebalance.test.ts",
  "test/scenarios/sessions-counted.test.ts",
  "test/scenarios/trap.test.ts",
  "test/scenarios/unavailable-*.test.ts",
];

/** The stories of test/scenarios on one target: the same files, told which engine to start. */
const scenarios = (target: "simulator" | "envoy" | "docker") => ({
  extends: true as const,
  test: {
    name: target === "docker" ? "docker:scenarios" : `scenarios:${target}`,
    include: ["test/scenarios/**/*.test.ts", "test/targets/*.test.ts"],
    exclude: process.env.LIMPET_QUICK ? LONG_SCENARIOS : [],
    env: { LIMPET_TARGET: target },
  },
});

/** What takes many seconds: left out by `npm run test:quick`. */
const LONG = [
  "test/cli/check-files.test.ts",
  "test/cli/command.test.ts",
  "test/discovery/page.test.ts",
  "test/explain/**",
  "test/filter/any-bytes.test.ts",
  "test/filter/costs/**",
  "test/filter/hash.test.ts",
  "test/filter/memory.test.ts",
  "test/learn/scale.test.ts",
  "test/fuzz/**",
  "test/learn/table.test.ts",
  "test/library/**",
  "test/proxy/agree/attributes.test.ts",
  "test/proxy/agree/health.test.ts",
  "test/proxy/agree/wasm-filters.test.ts",
  "test/sessions/**",
  "test/store/store.test.ts",
  "test/token/command.test.ts",
  "test/what-if/command.test.ts",
  "test/what-if/examples.test.ts",
  "test/what-if/same-decisions.test.ts",
];

/** A daemon, the images and a network, for the tests in containers. */
const DOCKER = "test/docker/machine/setup.ts";
const SOAK = "test/docker/soak/soak.test.ts";

export default defineConfig({
  test: {
    retry: 0,
    // The files share their modules, which have no state of a test's own: a third of the time.
    isolate: false,
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts", "host-sim/**/*.test.ts"],
          exclude: [
            ...[
              "test/scenarios/**",
              "test/targets/**",
              "test/assembly/**",
              "test/compat/**",
              "test/conformance/**",
              "test/browser/**",
              "test/docker/**",
              "dist/**",
            ],
            ...(process.env.LIMPET_QUICK ? LONG : []),
          ],
        },
      },
      { extends: true, test: { name: "compat", include: ["test/compat/**/*.test.ts"] } },
      { extends: true, test: { name: "conformance", include: ["test/conformance/**/*.test.ts"] } },
      { extends: true, test: { name: "browser", include: ["test/browser/**/*.test.ts"] } },
      scenarios("simulator"),
      scenarios("envoy"),
      mergeConfig(scenarios("docker"), { test: { globalSetup: DOCKER } }),
      {
        extends: true,
        // One after the other: they measure.
        test: {
          name: "docker:world",
          include: ["test/docker/**/*.test.ts"],
          exclude: [SOAK],
          globalSetup: DOCKER,
          fileParallelism: false,
        },
      },
      { extends: true, test: { name: "docker:soak", include: [SOAK], globalSetup: DOCKER } },
    ],
  },
});
