import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { formatKeys, newKey } from "../../host-sim/tokens/keys.js";
import type { Bootstrap } from "./stage/bootstrap.js";
import { scenarios, stageFor } from "./stage/scenarios.js";

const EXAMPLES = readdirSync(new URL("../../envoy", import.meta.url))
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => file.slice(0, -".yaml".length));

/** A fleet's keys come from the environment, and it does not start without. */
function giveKeys(bootstrap: Bootstrap): void {
  const { keys, rules } = bootstrap.limpet();
  if (!keys && JSON.stringify(rules).includes('"store"')) bootstrap.limpet().keys = formatKeys([newKey("k1")]);
}

scenarios("Every example", (target) => {
  test.each(EXAMPLES)("%s serves, and nothing in the log complains", async (example) => {
    const stage = await stageFor(target, { example, change: giveKeys });
    const answer = await stage.get("/");
    expect(answer.startLine).toBe("HTTP/1.1 200 OK");
    expect(["S1", "S2", "S3"]).toContain(answer.body);
    // Without keys a sealed cookie works, and says so.
    const log = stage.running.log().replace(/.*no keys are configured.*\n/g, "");
    expect(log).not.toMatch(/\[(warn|warning|error|critical)\].*(wasm|limpet|deprecated)/i);
  });
});
