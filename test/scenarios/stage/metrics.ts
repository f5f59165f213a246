import { SERVERS } from "./examples.js";
import type { Stage } from "./stage.js";

const PREFIX = "wasmcustom.limpet.policy.default.";

/** Limpet's metrics as `/stats` shows them, by their names behind the policy's. */
export async function metrics(stage: Stage): Promise<Record<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${stage.running.adminPort}/stats?filter=wasmcustom`)).text();
  const lines = text.split("\n").filter((line) => line.startsWith(PREFIX));
  const entries = lines.map((line) => line.slice(PREFIX.length).split(": "));
  return Object.fromEntries(entries.map(([name, value]) => [name, Number(value)]));
}

/** The live sessions of S1, S2 and S3. */
export async function sessions(stage: Stage): Promise<number[]> {
  const all = await metrics(stage);
  return SERVERS.map((server) => all[`server.${server}.sessions`] ?? 0);
}
