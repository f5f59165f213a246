import { describe, test } from "vitest";

/** Declares tests that need Docker: skipped with the reason where there is none; on the CI (`CI=true`) they fail. */
export function inDocker(theme: string, tests: () => void): void {
  const missing = process.env.LIMPET_NO_DOCKER;
  if (missing === undefined) describe(theme, tests);
  else if (process.env.CI === "true") {
    test(theme, () => {
      throw new Error(missing);
    });
  } else describe.skip(`${theme} (skipped: ${missing})`, tests);
}
