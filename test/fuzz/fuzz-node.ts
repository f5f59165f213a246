/** Fuzzes one target in the simulator: there is no coverage to be guided by, so every change is made to a known input. */
import type { Finding } from "./fuzz-wasm.js";
import { describeFinding } from "./life.js";
import { mutate } from "./mutator.js";
import type { Random } from "./random.js";
import type { NodeTarget } from "./targets/target.js";

export async function fuzzNode(
  target: NodeTarget,
  kept: Buffer[],
  random: Random,
  until: () => boolean,
): Promise<{ executions: number; findings: Finding[] }> {
  const known = new Map<string, Finding>();
  const tokens = target.tokens.map((token) => Buffer.from(token, "latin1"));
  const corpus = [...target.seeds, ...kept];
  const { play, end } = await target.begin();
  let executions = 0;
  try {
    while (executions < corpus.length || !until()) {
      const input = corpus[executions] ?? mutate(corpus, tokens, random);
      executions++;
      try {
        await play(input);
      } catch (error) {
        const message = describeFinding(error);
        if (!known.has(message)) known.set(message, { target: target.name, message, input });
      }
    }
  } finally {
    await end();
  }
  return { executions, findings: [...known.values()] };
}
