import type { Stage } from "./stage.js";

const PREFIX = "wasmcustom.limpet.policy.default.rule.";

/** Limpet's counters as `/stats` shows them, without those that are 0; names without their common start. */
export async function counters(stage: Stage): Promise<Record<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${stage.running.adminPort}/stats`)).text();
  const lines = text.split("\n").filter((line) => line.startsWith(PREFIX));
  const entries = lines.map((line) => line.slice(PREFIX.length).split(": "));
  return Object.fromEntries(entries.map(([name, value]) => [name, Number(value)]).filter(([, value]) => value !== 0));
}
