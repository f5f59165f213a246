import { describe, test } from "vitest";
import { need, ToolMissing } from "../../../scripts/tools/need.js";
import { TOOLS, type ToolName } from "../../../scripts/tools/table.js";

const TIME_LIMIT_MS = 120_000;

/**
 * Declares tests against a real program, which get its path. Where there is none they are skipped
 * with the reason in their title, and what would install it; on the CI (`CI=true`) they fail.
 */
export async function against(tool: ToolName, theme: string, tests: (program: string) => void): Promise<void> {
  const found = await need(tool);
  const title = `${theme}: ${TOOLS[tool].title}`;
  if (!("missing" in found)) {
    describe(title, { timeout: TIME_LIMIT_MS }, () => tests(found.path));
    return;
  }
  const missing = new ToolMissing(found);
  if (process.env.CI) {
    test(title, () => {
      throw missing;
    });
  } else {
    test.skip(`${title} (skipped: ${missing.message})`, () => {});
  }
}
