import { defineConfig } from "vitest/config";

/** The stories of test/scenarios on one target: the same files, told which engine to start. */
const scenarios = (target: "simulator" | "envoy") => ({
  extends: true as const,
  test: {
    name: `scenarios:${target}`,
    include: ["test/scenarios/**/*.test.ts"],
    env: { LIMPET_TARGET: target },
  },
});

export default defineConfig({
  test: {
    retry: 0,
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts", "host-sim/**/*.test.ts"],
          exclude: ["test/scenarios/**", "test/assembly/**", "test/compat/**", "test/wasm-host/**", "dist/**"],
        },
      },
      {
        extends: true,
        // Many small files (one a host call) without state of their own: they share their modules.
        test: { name: "unit:wasm-host", include: ["test/wasm-host/**/*.test.ts"], isolate: false },
      },
      { extends: true, test: { name: "compat", include: ["test/compat/**/*.test.ts"] } },
      scenarios("simulator"),
      scenarios("envoy"),
    ],
  },
});
